// Overriding parameters: 16-bit activations, TFLite's requantization and bias correction, everything else as by default.
import { defaultQuantization, quantizationScheme, RequantizationMode, samplesOf } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const asymmetricPerTensorInt16 = quantizationScheme(true, false, 16);
const quantConfig = defaultQuantization
  .withActivationQuantization(asymmetricPerTensorInt16)
  .withRequantizationMode(RequantizationMode.tflite)
  .withBiasCorrection(true);

const { loadedNet, calibration } = await openSample();
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), quantConfig, { modelName: 'shapes' });
console.log(quantModel.settings);
