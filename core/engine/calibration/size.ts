// How many threads may observe at once: as many as compute, within a budget of memory, since each has a session of its own.
import { totalmem } from 'node:os';
import type { FloatProgram } from '../../execute/index.ts';
import type { Graph } from '../../ir/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { ShapedValue } from './messages.ts';

/** Share of the machine's memory, and bytes, that calibrating threads may take together at most. */
const SHARE = 1 / 4;
const MOST = 4 * 2 ** 30;
/** Bytes of a thread without a model: an isolate, ONNX Runtime's arenas, and a table of bins for each value. */
const THREAD = 48 * 2 ** 20;
const TABLE = 4 * 32768;

/** An estimate of what one thread takes: its session holds the weights, packed once more, while the file is read; and all values. */
export function bytesOfThread(program: FloatProgram, graph: Graph, values: readonly ShapedValue[]): number {
  const file = program.files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const floats = (shapes: Iterable<{ readonly shape: readonly number[] }>): number => [...shapes].reduce((sum, { shape }) => sum + sizeOf(shape) * 4, 0);
  return THREAD + 3 * file + floats(graph.values.values()) + floats(values) + values.length * TABLE;
}

export function threadsWithin(bytes: number, wanted: number, memory = totalmem()): number {
  return Math.max(1, Math.min(wanted, Math.floor(Math.min(MOST, memory * SHARE) / bytes)));
}
