// A training thread: draws its share of each batch and computes its gradients.
import { parentPort, workerData } from 'node:worker_threads';
import { NETWORK } from '../network.ts';
import { picturesOf } from '../pictures.ts';
import { batchOf } from './batch.ts';
import { build } from './build.ts';
import { crossEntropy } from './cross-entropy.ts';
import { entriesOf, parametersOn } from './parameters.ts';
import type { Order, Outcome, WorkerSetup } from './protocol.ts';

const setup = workerData as WorkerSetup;
const gradients = new Float64Array(setup.gradients);
const network = build(NETWORK, parametersOn(entriesOf(NETWORK), new Float64Array(setup.values), gradients));

parentPort?.on('message', ({ from, count }: Order) => {
  const { pixels, labels } = picturesOf('train', from, count);
  gradients.fill(0);
  const { loss, correct, gradient } = crossEntropy(network.forward(batchOf(pixels), true), labels);
  network.backward(gradient);
  parentPort?.postMessage({ loss, correct } satisfies Outcome);
});
