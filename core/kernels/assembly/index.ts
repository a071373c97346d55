// The module: runs programs that lie in shared memory, on all threads at once. An instruction is [kernel, pieces, parameters]; each begins when all pieces of
// the one before it are done. Thread 0 is the caller; the rest serve.
import { bilinear } from './bilinear';
import { convolution } from './convolution';
import { dequantize, quantize, quantizeStored } from './convert';
import { another, at, deal, finished, pieces, serial, take } from './dealing';
import { depthwise } from './depthwise';
import { affine, blend32, product, slope, table } from './elementwise';
import { become } from './lanes';
import { matmul, pack } from './matmul';
import { copy, fill, gather } from './movement';
import { layerNorm, responseNorm } from './normalization';
import { averagePool, maxPool, tfliteAveragePool } from './pool';
import { argument, reduce } from './reduce';
import { squaredErrors } from './search';
import { softmax } from './softmax';
import { tflitePair, tfliteSoftmax, tfliteWideSoftmax } from './tflite';
import { roundWeights, weightErrors } from './weights';

/**
 * In the order of LAYOUTS in ../instructions.ts. Inlined on purpose: called from the small loop around it, Liftoff of V8 11.3 (Node 20) loses the loop's
 * counter.
 */
@inline function execute(kernel: i32, at: usize, part: i32, parts: i32): void {
  switch (kernel) {
    case 0: return convolution(at, part, parts);
    case 1: return depthwise(at, part, parts);
    case 2: return affine(at, part, parts);
    case 3: return blend32(at, part, parts);
    case 4: return product(at, part, parts);
    case 5: return table(at, part, parts);
    case 6: return maxPool(at, part, parts);
    case 7: return averagePool(at, part, parts);
    case 8: return copy(at, part, parts);
    case 9: return fill(at, part, parts);
    case 10: return quantize(at, part, parts);
    case 11: return dequantize(at, part, parts);
    case 12: return softmax(at, part, parts);
    case 13: return gather(at, part, parts);
    case 14: return reduce(at, part, parts);
    case 15: return argument(at, part, parts);
    case 16: return pack(at, part, parts);
    case 17: return matmul(at, part, parts);
    case 18: return bilinear(at, part, parts);
    case 19: return layerNorm(at, part, parts);
    case 20: return responseNorm(at, part, parts);
    case 21: return slope(at, part, parts);
    case 22: return tflitePair(at, part, parts);
    case 23: return tfliteSoftmax(at, part, parts);
    case 24: return tfliteAveragePool(at, part, parts);
    case 25: return tfliteWideSoftmax(at, part, parts);
    case 26: return weightErrors(at, part, parts);
    case 27: return roundWeights(at, part, parts);
    case 28: return squaredErrors(at, part, parts);
    case 29: return quantizeStored(at, part, parts);
    default: unreachable();
  }
}

/** Takes pieces until the instruction `end` is reached; for ever where there is none. False when the threads were told to stop. */
function work(part: i32, forever: bool, end: i32): bool {
  while (true) {
    const piece = take(part);
    if (piece >= 0) {
      execute(load<u8>(at), load<u32>(at, 4), piece, pieces);
      finished();
    } else {
      if (!forever && serial === end) return true;
      if (!another()) return false;
    }
  }
}

/** Runs a program on `threads` threads, this one among them. Traps when the others were stopped. */
export function run(program: usize, count: i32, threads: i32): void {
  if (threads > 1) {
    if (!work(0, false, deal(program, count, threads))) unreachable();
  } else for (let i = 0; i < count; i++) {
    execute(load<u8>(program), load<u32>(program, 4), 0, 1);
    program += 8;
  }
}

/** What thread `part` does until it is told to stop. */
export function serve(part: i32): void {
  become(part);
  work(part, true, 0);
}
