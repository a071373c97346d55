// The module: runs programs that lie in shared memory, on all threads at once. An instruction is [kernel, parameters]; between two of them
// every thread waits for the others. Thread 0 is the caller; the rest serve.
import { bilinear } from './bilinear';
import { convolution } from './convolution';
import { dequantize, quantize } from './convert';
import { depthwise } from './depthwise';
import { affine, blend32, product, slope, table } from './elementwise';
import { matmul, pack } from './matmul';
import { copy, fill, gather } from './movement';
import { layerNorm, responseNorm } from './normalization';
import { averagePool, maxPool, tfliteAveragePool } from './pool';
import { argument, reduce } from './reduce';
import { softmax } from './softmax';
import { tflitePair, tfliteSoftmax, tfliteWideSoftmax } from './tflite';

// Control words, each on a cache line of its own; CONTROL in ../instructions.ts knows them too.
const STARTED: usize = 1088, ARRIVED: usize = 1152, ROUND: usize = 1216, STATE: usize = 1280;
/** What is to be run: address, number of instructions. Written before STARTED changes. */
const PROGRAM: usize = 1344, COUNT: usize = 1348;
/** STARTED holds a serial number and, in its low bits, the number of threads: one word, so that a thread which sits a run out cannot mix two up. */
const THREAD_BITS: i32 = 8;
const RUNNING: i32 = 0;
/** Looks at a word before sleeping on it: about 50 microseconds, longer than most layers' stragglers take. */
const SPINS: i32 = 20000;
/** Nanoseconds of one sleep, after which a thread looks whether all is well. */
const NAP: i64 = 100_000_000;

/**
 * In the order of LAYOUTS in ../instructions.ts. Inlined on purpose: called from a small loop around the barrier, Liftoff of V8 11.3 (Node 20) loses the loop's
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
    default: unreachable();
  }
}

/** Waits until the word differs from `seen`. False when the threads were told to stop. */
function awaitChange(word: usize, seen: i32): bool {
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(word) !== seen) return true;
  while (atomic.load<i32>(word) === seen) {
    if (atomic.load<i32>(STATE) !== RUNNING) return false;
    atomic.wait<i32>(word, seen, NAP);
  }
  return true;
}

function barrier(threads: i32): bool {
  if (threads === 1) return true;
  const round = atomic.load<i32>(ROUND);
  if (atomic.add<i32>(ARRIVED, 1) === threads - 1) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.add<i32>(ROUND, 1);
    atomic.notify(ROUND, threads);
    return true;
  }
  return awaitChange(ROUND, round);
}

function perform(program: usize, count: i32, part: i32, parts: i32): bool {
  for (let i = 0; i < count; i++) {
    execute(load<i32>(program), load<u32>(program, 4), part, parts);
    if (!barrier(parts)) return false;
    program += 8;
  }
  return true;
}

/** Runs a program on `threads` threads, this one among them. Traps when the others were stopped. */
export function run(program: usize, count: i32, threads: i32): void {
  if (threads > 1) {
    store<i32>(PROGRAM, <i32>program);
    store<i32>(COUNT, count);
    atomic.store<i32>(STARTED, (((atomic.load<i32>(STARTED) >>> THREAD_BITS) + 1) << THREAD_BITS) | threads);
    atomic.notify(STARTED, -1);
  }
  if (!perform(program, count, 0, threads)) unreachable();
}

/** What thread `part` does until it is told to stop. `seen`: STARTED as it was before the thread counted itself among the ready. */
export function serve(part: i32, seen: i32): void {
  while (awaitChange(STARTED, seen)) {
    seen = atomic.load<i32>(STARTED);
    const threads = seen & ((1 << THREAD_BITS) - 1);
    if (part < threads && !perform(load<u32>(PROGRAM), load<i32>(COUNT), part, threads)) return;
  }
}

export { scan, tally } from './observe';
