// Calibration data: a list with one dictionary a sample, input name -> data sample. (The document's own example puts one and the same dictionary into
// its list a hundred times, so that every entry is the last sample; here each sample has its own.)
import { defaultQuantization } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration } = await openSample();

/** @type {import('requant').NamedValues[]} */
const calibrationData = [];
for (let i = 0; i < Math.min(SAMPLES, calibration.samples); i++) {
  const { image } = await calibration.sample(i);
  if (image) calibrationData.push({ image });
}

const quantModel = await loadedNet.quantize(calibrationData, defaultQuantization, { modelName: 'shapes' });
console.log(`${quantModel.graph.name}: ${quantModel.graph.nodes.filter((node) => node.kind === 'integer').length} nodes quantized with ${calibrationData.length} samples`);
