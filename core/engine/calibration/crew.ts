// Who observes the samples of a calibration: the caller's thread alone, or threads of their own where the work left is worth starting them.
// The statistics are the same either way.
import { createSampleObserver, type Crew, type SampleObserver } from '../../calibrate/index.ts';
import type { NamedTensors, NamedValues } from '../../tensor/tensor.ts';
import type { ShapedValue } from './messages.ts';
import { spaceFor } from './space.ts';
import type { CalibrationThreads } from './threads.ts';

export interface CrewOptions {
  readonly values: readonly ShapedValue[];
  /** Samples to come, where that is known. */
  readonly total: number | undefined;
  readonly factors: ReadonlyMap<string, Float64Array> | undefined;
  /** What a caller gives, checked and as the network takes it; copied, so that it may be read later. */
  readonly enter: (sample: NamedValues) => NamedValues;
  /** Runs the float network on this thread. */
  readonly run: (inputs: NamedValues, into: NamedTensors) => Promise<NamedValues>;
  /** true: threads from the first sample on; false: none; absent: as measured. */
  readonly spread?: boolean | undefined;
  /** Threads that are still there from an earlier calibration. */
  readonly running: CalibrationThreads | undefined;
  /** Starts threads; undefined where there is room for one alone. */
  readonly start: () => CalibrationThreads | undefined;
  /** Threads could not be started, though the caller's thread can go on alone. */
  readonly onRefused: (thrown: unknown) => void;
}

export interface CalibrationCrew extends Crew {
  /** Threads that observed, and the first sample that they did; undefined: the caller's thread was alone. */
  readonly spread: { readonly threads: number; readonly from: number } | undefined;
  /** To be called at the end, whatever came of it. `whole`: nothing is under way. */
  close(whole: boolean): Promise<void>;
}

/** Work on one thread, in milliseconds, that threads are started for: to open a session on each takes a part of it, while this thread goes on. */
const WORTH_MS = 4000;
/** The first sample of a session takes longer than those after it. */
const WARMING = 1;

export async function createCrew(options: CrewOptions): Promise<CalibrationCrew> {
  const { values, factors, total } = options;
  let threads = options.spread === false ? undefined : options.running;
  let from = 0;
  let serving = false;
  let refused = false;
  let closed = false;
  let own: SampleObserver | undefined;
  let done = 0;
  let spent = 0;

  const begin = async (started: CalibrationThreads): Promise<void> => {
    await started.ready;
    if (closed) return;
    await started.begin(values, factors);
    from = done;
    serving = true;
  };
  const onOwn = (): SampleObserver => {
    const { counters, into } = spaceFor(values);
    return createSampleObserver(values, { execute: (inputs) => options.run(inputs, into), counters, ...(factors ? { factors } : {}) });
  };
  /** Samples left are guessed to be as many as came already, where nobody knows. */
  const worthwhile = (): boolean => {
    const counted = done - WARMING;
    return counted > 0 && (spent / counted) * Math.max(0, total === undefined ? done : total - done) > WORTH_MS;
  };
  const consider = (): void => {
    if (threads || refused || options.spread === false || !worthwhile()) return;
    threads = options.start();
    if (!threads) { refused = true; return; }
    // They open their sessions while this thread goes on.
    begin(threads).catch((thrown: unknown) => {
      if (closed) return;
      refused = true;
      threads?.dismiss();
      threads = undefined;
      options.onRefused(thrown);
    });
  };

  if (options.spread && !threads) threads = options.start();
  try { if (threads) await begin(threads); }
  catch (thrown) { await threads?.end(); throw thrown; }
  return {
    get room() { return serving && threads ? threads.room : 1; },
    get spread() { return serving && threads ? { threads: threads.count, from } : undefined; },
    observe: async (sample, index) => {
      const entered = options.enter(sample);
      if (serving && threads) return threads.observe(entered, index);
      const began = performance.now();
      const extremes = await (own ??= onOwn()).observe(entered, index);
      if (done >= WARMING) spent += performance.now() - began;
      done++;
      consider();
      return extremes;
    },
    parts: async () => [...(own ? [await own.parts()] : []), ...(serving && threads ? await threads.parts() : [])],
    close: async (whole) => {
      closed = true;
      own = undefined;
      if (whole && serving) threads?.rest();
      // Those that only start have nothing under way to wait for.
      else if (serving) await threads?.end();
      else threads?.dismiss();
    },
  };
}
