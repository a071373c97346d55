// The recommended configuration for int16: activations at 16 bits (weights stay int8), with bias correction.
import { defaultQuantization, int16Quantization, meanPsnr, samplesOf } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration, test } = await openSample();
for (const [name, config] of /** @type {const} */ ([['int8', defaultQuantization], ['int16', int16Quantization]])) {
  const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), config, { modelName: name });
  const report = await quantModel.analyzeQuantizationError(samplesOf(test, Math.min(SAMPLES, 8)), 'psnr', { localFeed: false });
  console.log(`${name}: mean PSNR over nodes ${meanPsnr(report.nodes).toFixed(1)} dB`);
}
