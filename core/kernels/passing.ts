// One piece of work on data that lies elsewhere: it is copied to the kernels' memory and run, and what it took there is given back.
import { MOST_PIECES, type Instruction } from './instructions.ts';
import { sharedKernels, type Kernels } from './kernels.ts';
import { threadCount } from './threads.ts';

const PIECE_NS = 50_000;
/** Work that is worth dealing out to threads that are there, and that is worth starting them for. */
const DEALT_NS = 200_000, STARTED_NS = 8_000_000;

/** The kernels' memory while the work lasts. */
export interface Passing {
  readonly threads: number;
  /** Copies data there; returns its address. */
  readonly pin: (data: ArrayBufferView) => number;
  /** Makes room there. */
  readonly room: (bytes: number) => number;
}
export interface Passed<T> {
  readonly instruction: (pieces: number) => Instruction;
  /** Copies what came of it. */
  readonly result: (bytes: SharedArrayBuffer) => T;
}

/** `ns`: what it takes on one thread, about; `units`: pieces that it can be dealt out in. Raises BUDGET_EXCEEDED. */
export function pass<T>(ns: number, units: number, work: (passing: Passing) => Passed<T>): T {
  const kernels = sharedKernels();
  const taken: number[] = [];
  const kept = (address: number): number => { taken.push(address); return address; };
  const threads = threadsFor(kernels, ns);
  try {
    const { instruction, result } = work({ threads, pin: (data) => kept(kernels.pin(data)), room: (bytes) => kept(kernels.heap.allocate(bytes)) });
    const program = kernels.program([instruction(Math.max(1, Math.min(MOST_PIECES, units, Math.ceil(ns / PIECE_NS))))]);
    kept(program.address);
    kernels.run(program, 0, 1, threads);
    return result(kernels.memory.buffer);
  } finally {
    if (!kernels.closed) for (const address of taken) kernels.heap.free(address);
  }
}

const threadsFor = (kernels: Kernels, ns: number): number => (ns < DEALT_NS ? 1 : ns < STARTED_NS ? Math.min(threadCount(), kernels.serving) : threadCount());
