// Models for the desktop's tests: the project's own sample, else a small one from the data beside the project.
import { existsSync } from 'node:fs';
import path from 'node:path';

const CANDIDATES = ['assets/sample/shapes.onnx', '../shared/data/onnx-small/mnist.onnx'].map((file) => path.resolve(file));
/** A model to open, or null where there is none to be had. */
export const MODEL: string | null = CANDIDATES.find((file) => existsSync(file)) ?? null;
export const NO_MODEL = `none of ${CANDIDATES.map((file) => path.relative('.', file)).join(', ')} is there`;
export const HAS_SAMPLE = existsSync('assets/sample/sample.json');
export const NO_SAMPLE = 'assets/sample has not been made';
