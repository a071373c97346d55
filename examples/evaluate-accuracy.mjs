// Accuracy of the float and of the quantized network on labelled data, sample by sample.
import { defaultQuantization, samplesOf } from 'requant';
import { argmax, openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration, test } = await openSample();
const { labels } = test;
if (!labels) throw new Error('the test set has no labels');
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), defaultQuantization, { modelName: 'shapes' });

let total = 0;
let floatCorrect = 0;
let quantCorrect = 0;
for await (const inputs of samplesOf(test, SAMPLES)) {
  const floatOutputs = await loadedNet.execute(inputs);
  const quantOutputs = await quantModel.execute(inputs, { fastMode: true });
  if (argmax(floatOutputs['probabilities']) === labels[total]) floatCorrect++;
  if (argmax(quantOutputs['probabilities']) === labels[total]) quantCorrect++;
  total++;
}
console.log(`float ${floatCorrect} of ${total}, quantized ${quantCorrect} of ${total}`);
