// What the examples share: where the built-in sample is, how much of it they use, and where they write.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, openDataset } from 'requant';

/** A file of the sample: ten classes of drawn shapes, 32 x 32 pixels. */
export const sampleFile = (/** @type {string} */ name) => fileURLToPath(new URL(`../assets/sample/${name}`, import.meta.url));

/** Samples that an example calibrates with, and tests with, at most; REQUANT_EXAMPLE_SAMPLES=N for a quick look. */
export const SAMPLES = Number(process.env['REQUANT_EXAMPLE_SAMPLES'] ?? 100);

/** Where saved models go. */
export const OUTPUT_DIR = process.env['REQUANT_EXAMPLE_OUTPUT'] ?? join(tmpdir(), 'requant-examples');
mkdirSync(OUTPUT_DIR, { recursive: true });

/** Pixels 0 to 255 become the numbers that the network was trained on: (x / 255 - 0.5) / 0.25. */
export const PREPROCESSING = { scale: 1 / 255, mean: [0.5], std: [0.25] };

/** The sample's network, and its pictures with the labels of the test set. */
export async function openSample() {
  const loadedNet = await loadModel(sampleFile('shapes.onnx'));
  const calibration = await openDataset({ path: sampleFile('calibration.npz') }, loadedNet.graph.inputs, PREPROCESSING);
  const test = await openDataset({ path: sampleFile('test.npz') }, loadedNet.graph.inputs, PREPROCESSING);
  return { loadedNet, calibration, test };
}

/** The position of the largest number. */
export const argmax = (/** @type {import('requant').NamedValues[string] | undefined} */ scores) => {
  if (!scores) throw new Error('the network gave no such output');
  const values = Array.from(scores.data, Number);
  return values.indexOf(Math.max(...values));
};
