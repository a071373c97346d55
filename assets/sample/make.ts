// Makes the built-in sample: draws pictures, trains the network on them, checks it and writes the files beside this one's source.
// Run by `npm run sample`; the same Node version gives the same bytes.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../core/tensor/files.ts';
import { exportModel } from './export.ts';
import { NETWORK } from './network.ts';
import { countCorrectByOnnxRuntime } from './onnx-accuracy.ts';
import { dataSet, outputFiles } from './output.ts';
import { countCorrect, train } from './train/trainer.ts';

const STEPS = 3000;
const LEAST_ACCURACY = 0.95;
const MOST_BYTES = 1_000_000;

const folder = resolve(process.argv[2] ?? 'assets/sample');
const started = performance.now();
const parameters = await train(STEPS, ({ step, steps, loss, accuracy }) => {
  const minutes = (performance.now() - started) / 60_000;
  console.log(`step ${step} of ${steps}  loss ${loss.toFixed(3)}  training accuracy ${(100 * accuracy).toFixed(1)} %  ${minutes.toFixed(1)} min`);
});
const model = exportModel(NETWORK, (name) => parameters(name).value);

const test = dataSet('test');
const ours = countCorrect(parameters, test);
const theirs = await countCorrectByOnnxRuntime(model, test);
console.log(`float top-1 on ${test.count} held-out drawings: trainer ${(100 * ours / test.count).toFixed(1)} %, ONNX Runtime ${(100 * theirs / test.count).toFixed(1)} %`);
if (ours !== theirs) throw new Error('the exported model does not do what was trained');
if (theirs < LEAST_ACCURACY * test.count) throw new Error(`less than ${100 * LEAST_ACCURACY} %: nothing was written`);

const files = outputFiles(model);
const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
if (bytes >= MOST_BYTES) throw new Error(`${bytes} bytes are too many: nothing was written`);
await mkdir(folder, { recursive: true });
for (const [name, content] of files) await replaceFile(join(folder, name), content);
console.log(`${files.size} files, ${bytes} bytes, in ${folder}`);
