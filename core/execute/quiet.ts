// Runs that return nothing, because everything goes to memory that the caller holds. onnxruntime-node wraps each tensor it returns in a new ArrayBuffer, even one
// over the caller's memory, and V8 counts its bytes as garbage to be collected: after 64 MiB of them it does. So the file gets one output more, the first, of a
// kind that the binding does not return, an empty sequence: asked for it, it computes all and stops before it wraps anything.
import type { FirstInFile } from '../emit/index.ts';
import { RequantError } from '../errors/index.ts';
import { elemTypeOf } from '../onnx/index.ts';
import type { NamedTensors } from '../tensor/tensor.ts';

/** Name of that output; emitted names have no space. */
export const QUIET = 'nothing to return';
/** What the binding says when it meets that output. One that could return it would raise nothing, and that is as well. */
const STOPPED = 'Non tensor type';

/** That output, for a file of opset 11 or later. */
export const QUIET_OUTPUT: FirstInFile = {
  node: [{ name: QUIET, opType: 'SequenceEmpty', output: [QUIET] }],
  output: [{ name: QUIET, type: { sequenceType: { elemType: { tensorType: { elemType: elemTypeOf('float32') } } } } }],
};

/** A NaN that no arithmetic makes. */
const UNWRITTEN = 0x7fc5a5a5;

/**
 * Runs what computes all of `into` and returns it. Raises RUNTIME_FAILED for a tensor that was not written, and what `run` raises, unless it is
 * that the extra output cannot be returned.
 */
export async function runQuietly(into: NamedTensors, run: () => Promise<unknown>): Promise<NamedTensors> {
  const firsts = Object.entries(into).flatMap(([name, { data }]) => (data instanceof Float32Array && data.length > 0 ? [{ name, cell: new Uint32Array(data.buffer, data.byteOffset, 1) }] : []));
  for (const { cell } of firsts) cell[0] = UNWRITTEN;
  try { await run(); }
  catch (thrown) { if (!(thrown instanceof Error && thrown.message.startsWith(STOPPED))) throw thrown; }
  for (const { name, cell } of firsts) if (cell[0] === UNWRITTEN) throw new RequantError('RUNTIME_FAILED', 'ONNX Runtime did not write it', { tensor: name });
  return into;
}
