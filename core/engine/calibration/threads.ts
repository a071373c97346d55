// Threads that observe samples, each with a session of its own over the same model. They outlast a calibration for a while, for the next one,
// and never keep the process alive when nothing is under way.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ValuePart } from '../../calibrate/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { FloatProgram } from '../../execute/index.ts';
import type { NamedValues } from '../../tensor/tensor.ts';
import type { FromThread, ShapedValue, ThreadData, ToThread } from './messages.ts';

/** Beside this file once built; the tests run the sources. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? '../../../dist/core/engine/calibration/thread.js' : './thread.js', import.meta.url);
/** Samples that wait at a thread beside the one under way, so that it never waits for the next. */
const WAITING = 1;
/** Memory of threads that nobody uses is given back after this long. */
const IDLE_MS = 15_000;

export interface CalibrationThreads {
  readonly count: number;
  /** Threads that might have been, had there been room. */
  readonly wanted: number;
  /** Samples that may be under way at once. */
  readonly room: number;
  /** Resolves when every session is open. Raises what opening raised. */
  readonly ready: Promise<void>;
  readonly ended: boolean;
  begin(values: readonly ShapedValue[], factors: ReadonlyMap<string, Float64Array> | undefined): Promise<void>;
  /** Extremes of the values; the sample's buffers are taken along. Raises DATA_INVALID, RUNTIME_FAILED, and INTERNAL where a thread stopped. */
  observe(sample: NamedValues, index: number): Promise<Float64Array>;
  parts(): Promise<readonly (readonly ValuePart[])[]>;
  /** Nothing is under way: they may be used again, and end soon otherwise. */
  rest(): void;
  /** Tells them to end, and nobody waits: what is under way is answered before. */
  dismiss(): void;
  /** Ends them; resolves when they are gone. */
  end(): Promise<void>;
}

/** `wanted`: the number of threads that may compute; where there is room for fewer, their sessions share those that are left. */
export function startThreads(program: FloatProgram, count: number, wanted: number): CalibrationThreads {
  const seen = { ...program, files: program.files.map(({ bytes, doors }) => ({ bytes: shared(bytes), doors })) };
  const threads = Array.from({ length: count }, () => startThread({ program: seen, threads: Math.max(1, Math.floor(wanted / count)) }));
  let ended = false;
  let idle: NodeJS.Timeout | undefined;
  const all = async (work: (thread: Thread) => Promise<unknown>): Promise<void> => { await Promise.all(threads.map(work)); };
  const ready = all((thread) => thread.ready);
  // Whoever waits for it hears of it.
  ready.catch(() => undefined);
  const self: CalibrationThreads = {
    count, wanted, room: count * (1 + WAITING), ready,
    get ended() { return ended; },
    begin: async (values, factors) => {
      clearTimeout(idle);
      await all((thread) => thread.ask({ kind: 'begin', values, ...(factors ? { factors } : {}) }, 'begun'));
    },
    observe: async (sample, index) => {
      const freest = threads.reduce((a, b) => (b.underWay < a.underWay ? b : a));
      return (await freest.ask({ kind: 'observe', sample, index }, 'observed', buffersOf(sample))).extremes;
    },
    parts: async () => Promise.all(threads.map(async (thread) => (await thread.ask({ kind: 'parts' }, 'parts')).parts)),
    rest: () => { idle = setTimeout(() => self.dismiss(), IDLE_MS).unref(); },
    dismiss: () => {
      clearTimeout(idle);
      ended = true;
      for (const thread of threads) thread.dismiss();
    },
    end: async () => {
      self.dismiss();
      await all((thread) => thread.gone());
    },
  };
  return self;
}

interface Thread {
  readonly ready: Promise<void>;
  readonly underWay: number;
  ask<K extends FromThread['kind']>(message: ToThread, expected: K, transfer?: readonly ArrayBuffer[]): Promise<Extract<FromThread, { kind: K }>>;
  dismiss(): void;
  /** Resolves when it is gone, and keeps the process alive until then. */
  gone(): Promise<void>;
}

interface Waiting {
  readonly resolve: (reply: FromThread) => void;
  readonly reject: (error: RequantError) => void;
}

function startThread(data: ThreadData): Thread {
  // What node itself was told, such as --input-type, is not for this file.
  const worker = new Worker(THREAD, { workerData: data, execArgv: [] });
  /** Answers come in the order of questions. */
  const waiting: Waiting[] = [];
  let dead: RequantError | undefined;
  let dismissed = false;
  let awaited = false;
  const gone = once(worker, 'exit').catch(() => undefined);
  const stopped = (why: string): void => {
    dead ??= new RequantError('INTERNAL', `a calibrating thread stopped: ${why}`);
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  worker.on('error', (error) => stopped(error.message));
  worker.on('exit', (code) => stopped(`code ${code}`));
  worker.on('message', (reply: FromThread) => {
    const asked = waiting.shift();
    // Only what is under way keeps the process alive.
    if (waiting.length === 0 && !awaited) worker.unref();
    if (reply.kind === 'failed') asked?.reject(RequantError.fromPlain(reply.error));
    else asked?.resolve(reply);
  });
  const answer = <K extends FromThread['kind']>(expected: K): Promise<Extract<FromThread, { kind: K }>> => new Promise((resolve, reject) => {
    if (dead) { reject(dead); return; }
    worker.ref();
    waiting.push({
      reject,
      resolve: (reply) => {
        if (reply.kind === expected) resolve(reply as Extract<FromThread, { kind: K }>);
        else reject(new RequantError('INTERNAL', `a calibrating thread answered ${reply.kind}, not ${expected}`));
      },
    });
  });
  return {
    ready: answer('ready').then(() => undefined),
    get underWay() { return waiting.length; },
    ask: (message, expected, transfer = []) => {
      const answered = answer(expected);
      if (!dead) worker.postMessage(message satisfies ToThread, transfer);
      return answered;
    },
    dismiss: () => {
      if (!dead && !dismissed) worker.postMessage({ kind: 'end' } satisfies ToThread);
      dismissed = true;
    },
    gone: async () => {
      if (dead) return;
      awaited = true;
      worker.ref();
      await gone;
    },
  };
}

/** Memory that all threads see. A program that lies in it is not copied for them. */
export const sharedMemory = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));

function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = sharedMemory(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Buffers that can be taken along rather than copied: those that a tensor fills. */
const buffersOf = (sample: NamedValues): readonly ArrayBuffer[] =>
  [...new Set(Object.values(sample).flatMap(({ data }) => (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer && data.buffer.byteLength === data.byteLength ? [data.buffer] : [])))];
