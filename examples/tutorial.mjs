// The document's tutorial, without the devkit: importer parameters, a data generator with preprocessing, a hinted length, verbose errors.
// Run it as `node examples/tutorial.mjs [MODEL.onnx]`, for a model whose only input is called image.
import { basename, extname } from 'node:path';
import {
  convertDataGeneratorToIterable, DataGenerator, defaultQuantization, enableVerboseErrorMessages, float32, lengthHinted, loadModel, LogLevel, onnxSource, openNpz, ScalarType,
} from 'requant';
import { OUTPUT_DIR, sampleFile, SAMPLES } from './sample.mjs';

/**
 * A stored picture becomes what the network takes. Calibration data is always channels-last.
 * @param {import('requant').Tensor} picture
 */
const preProcess = (picture) => float32(picture.shape, Array.from(picture.data, Number).map((pixel) => (pixel / 255 - 0.5) / 0.25));

async function createCalibrationData() {
  const x = await (await openNpz(sampleFile('calibration.npz'))).read('x');
  const inputGenerator = new DataGenerator({ image: x });
  inputGenerator.map({ image: preProcess });
  return convertDataGeneratorToIterable(inputGenerator, { lengthLimit: SAMPLES });
}

enableVerboseErrorMessages();
const modelPath = process.argv[2] ?? sampleFile('shapes.onnx');
const modelPrefix = basename(modelPath, extname(modelPath));

const importerParams = onnxSource(modelPath, { image: [1, 3, 32, 32] }, { image: ScalarType.float32 });
const loadedNet = await loadModel(importerParams);

console.log('Quantizing the model.');
const sdkNet = await loadedNet.quantize(lengthHinted(SAMPLES, await createCalibrationData()), defaultQuantization, {
  modelName: modelPrefix, armOnly: false, logLevel: LogLevel.INFO,
  onProgress: ({ fraction }) => { if (fraction === 1) console.log('All samples are in.'); },
});
console.log(`wrote ${(await sdkNet.save(modelPrefix, OUTPUT_DIR)).join(' and ')}`);

console.log('Executing the quantized model.');
const begun = Date.now();
let executed = 0;
for await (const inputs of await createCalibrationData()) {
  await sdkNet.execute(inputs);
  executed++;
}
console.log(`${executed} samples in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
