// The integer kernels as a whole: one shared memory, one compiled module, a pool of threads that serve it. One instance a JavaScript thread.
import { Worker } from 'node:worker_threads';
import { RequantError } from '../errors/index.ts';
import { createHeap, type Heap } from './heap.ts';
import { CONTROL, STATE, type Instruction } from './instructions.ts';
import { MOST_THREADS } from './threads.ts';
import { compile, webAssembly, type Module, type SharedMemory } from './webassembly.ts';

const MAXIMUM_PAGES = 65536;

/** A thread's whole JavaScript: the loop that serves is in the module. What ends it early is left for the others to see. */
const SERVE = `
const { workerData: { module, memory, control, failed } } = require('node:worker_threads');
const cells = new Int32Array(memory.buffer);
try {
  const { serve } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  serve(Atomics.add(cells, control.ready / 4, 1) + 1);
} catch {
  Atomics.store(cells, control.state / 4, failed);
  Atomics.notify(cells, control.ticket / 4);
}`;

/** Instructions in the kernels' memory. */
export interface Program {
  readonly length: number;
  readonly address: number;
}

export interface Kernels {
  readonly memory: SharedMemory;
  readonly heap: Heap;
  /** True once a thread failed or {@link close} was called: nothing runs any more. */
  readonly closed: boolean;
  /** Threads that run what is given now, this one among them. */
  readonly serving: number;
  /** Copies constants to a block of their own; returns its address. */
  pin(data: ArrayBufferView): number;
  program(instructions: readonly Instruction[]): Program;
  release(program: Program): void;
  /** Runs instructions [from, to) on up to `threads` threads, and on fewer while they are still starting. Blocks. */
  run(program: Program, from: number, to: number, threads: number): void;
  /** Starts the threads and waits until they serve. */
  ready(threads: number): Promise<void>;
  close(): void;
}

interface Exports {
  readonly run: (program: number, count: number, threads: number) => void;
}

let compiled: Module | undefined;
let current: Kernels | undefined;

/** The kernels of this JavaScript thread, made at first use and made anew after a failure. */
export function sharedKernels(): Kernels {
  if (!current || current.closed) current = createKernels();
  return current;
}

export function createKernels(): Kernels {
  compiled ??= compile('kernels.wasm');
  const memory = new webAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared: true });
  const { run } = new webAssembly.Instance(compiled, { env: { memory } }).exports as Exports;
  const heap = createHeap(memory);
  const cells = new Int32Array(memory.buffer);
  const workers: Worker[] = [];

  const start = (threads: number): void => {
    while (workers.length < Math.min(threads, MOST_THREADS) - 1) {
      const worker = new Worker(SERVE, {
        eval: true, stdin: false,
        workerData: { module: compiled, memory, control: CONTROL, failed: STATE.failed },
      });
      worker.unref();
      worker.on('error', () => stop(STATE.failed));
      workers.push(worker);
    }
  };
  const stop = (state: number): void => {
    Atomics.store(cells, CONTROL.state / 4, state);
    Atomics.notify(cells, CONTROL.ticket / 4);
  };
  const kernels: Kernels = {
    memory, heap,
    get closed() { return Atomics.load(cells, CONTROL.state / 4) !== STATE.running; },
    get serving() { return Atomics.load(cells, CONTROL.ready / 4) + 1; },
    pin: (data) => {
      const address = heap.allocate(data.byteLength);
      new Uint8Array(memory.buffer, address, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return address;
    },
    program: (instructions) => {
      const size = instructions.reduce((bytes, i) => bytes + aligned(i.parameters.length), instructions.length * 8);
      const address = heap.allocate(size);
      const words = new Uint32Array(memory.buffer, address, instructions.length * 2);
      let at = address + aligned(instructions.length * 8);
      instructions.forEach(({ kernel, parameters, pieces = 1 }, i) => {
        words.set([kernel | pieces << 8, at], i * 2);
        new Uint8Array(memory.buffer, at, parameters.length).set(parameters);
        at += aligned(parameters.length);
      });
      return { address, length: instructions.length };
    },
    release: (program) => heap.free(program.address),
    run: (program, from, to, threads) => {
      start(threads);
      try {
        run(program.address + from * 8, to - from, Math.min(threads, kernels.serving));
      } catch (cause) {
        // Threads may wait for a piece that this one will never finish.
        stop(STATE.failed);
        throw new RequantError('INTERNAL', 'an integer kernel failed', {}, { cause });
      }
    },
    ready: async (threads) => {
      start(threads);
      while (!kernels.closed && Atomics.load(cells, CONTROL.ready / 4) < workers.length) await new Promise((resolve) => { setTimeout(resolve, 1); });
    },
    close: () => stop(STATE.closed),
  };
  return kernels;
}

const aligned = (bytes: number): number => (bytes + 7) & ~7;
