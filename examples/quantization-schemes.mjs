// Schemes for weights and activations. Weights are symmetric and int8, activations are per tensor; what breaks that is refused.
import { defaultQuantization, quantizationScheme, RequantError, samplesOf } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const symmetricPerTensor8Bits = quantizationScheme(false, false, 8);
const symmetricPerChannel8Bits = quantizationScheme(false, true, 8);
const asymmetricPerTensor8Bits = quantizationScheme(true, false, 8);

const quantConfigs = defaultQuantization
  .withWeightQuantization(symmetricPerChannel8Bits)
  .withActivationQuantization(symmetricPerTensor8Bits);

const { loadedNet, calibration } = await openSample();
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), quantConfigs, { modelName: 'shapes' });
const zeroPoints = new Set([...quantModel.graph.values.values()].flatMap(({ quantization }) => (quantization ? [quantization.zeroPoint] : [])));
console.log(`zero points of symmetric activations: ${[...zeroPoints].join(', ')}`);

try {
  defaultQuantization.withWeightQuantization(asymmetricPerTensor8Bits);
} catch (error) {
  if (!(error instanceof RequantError)) throw error;
  console.log(`refused: ${error.line}`);
}
