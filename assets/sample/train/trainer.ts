// Trains the sample network: every step sees new pictures, so there is nothing to learn by heart.
// The work is always cut into the same shares and added in the same order, so the result does not depend on timing.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { NETWORK } from '../network.ts';
import type { Pictures } from '../pictures.ts';
import { randomOf } from '../random.ts';
import { adam } from './adam.ts';
import { batchOf } from './batch.ts';
import { build } from './build.ts';
import { crossEntropy } from './cross-entropy.ts';
import { entriesOf, initialise, parametersOn, totalOf, type Parameters } from './parameters.ts';
import type { Order, Outcome, WorkerSetup } from './protocol.ts';

const THREADS = 2;
/** Pictures of a thread in a step: one of each class. */
const SHARE = 10;
const RATE = 0.01;
const WARM_UP = 50;

export interface Progress { readonly step: number; readonly steps: number; readonly loss: number; readonly accuracy: number }

export async function train(steps: number, report: (progress: Progress) => void): Promise<Parameters> {
  const entries = entriesOf(NETWORK);
  const total = totalOf(entries);
  const shared = (): SharedArrayBuffer => new SharedArrayBuffer(total * Float64Array.BYTES_PER_ELEMENT);
  const valuesBuffer = shared();
  const values = new Float64Array(valuesBuffer);
  initialise(entries, values, randomOf('weights'));

  const threads = Array.from({ length: THREADS }, () => {
    const setup: WorkerSetup = { values: valuesBuffer, gradients: shared() };
    return { worker: new Worker(new URL('./worker.js', import.meta.url), { workerData: setup }), gradients: new Float64Array(setup.gradients) };
  });
  const optimizer = adam(entries, total);
  const mean = new Float64Array(total);
  let [loss, accuracy] = [Math.log(10), 0.1];
  try {
    for (let step = 0; step < steps; step++) {
      const outcomes = await Promise.all(threads.map(async ({ worker }, i) => {
        worker.postMessage({ from: (step * THREADS + i) * SHARE, count: SHARE } satisfies Order);
        const [outcome] = await once(worker, 'message') as [Outcome];
        return outcome;
      }));
      for (let i = 0; i < total; i++) mean[i] = threads.reduce((sum, { gradients }) => sum + (gradients[i] as number), 0) / THREADS;
      optimizer.step(values, mean, rateAt(step, steps));
      for (const outcome of outcomes) {
        loss += 0.01 * (outcome.loss - loss);
        accuracy += 0.01 * (outcome.correct / SHARE - accuracy);
      }
      if ((step + 1) % 100 === 0) report({ step: step + 1, steps, loss, accuracy });
    }
  } finally {
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
  // ONNX holds single precision: what is measured from here on is what will be written.
  for (let i = 0; i < total; i++) values[i] = Math.fround(values[i] as number);
  return parametersOn(entries, values, mean);
}

/** Linear warm-up, then half a cosine down to zero. */
function rateAt(step: number, steps: number): number {
  return RATE * Math.min(1, (step + 1) / WARM_UP) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
}

/** How many pictures the trained network names correctly. */
export function countCorrect(parameters: Parameters, { pixels, labels }: Pictures): number {
  return crossEntropy(build(NETWORK, parameters).forward(batchOf(pixels), false), labels).correct;
}
