// The default configuration: MSE calibration, activations asymmetric per tensor at 8 bits, weights symmetric per channel.
import { defaultQuantization, samplesOf } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration } = await openSample();
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), defaultQuantization, { modelName: 'shapes' });

for (const node of quantModel.graph.nodes) {
  const quantization = quantModel.graph.values.get(node.outputs[0] ?? '')?.quantization;
  console.log(node.name.padEnd(40), quantization ? `${quantization.dtype}, scale ${quantization.scale}, zero point ${quantization.zeroPoint}` : 'float32');
}
