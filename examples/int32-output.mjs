// int32 output: the last convolution or dense layer hands on its accumulator instead of requantizing it; what follows runs in float.
import { defaultQuantization, samplesOf } from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration } = await openSample();
const quantConfigs = defaultQuantization
  .withCustomQuantizationConfigs({ 'MLA_0/dense_add_13': { outputInt32: true } })
  .withUnquantizedNodes(['MLA_0/softmax_14']);
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), quantConfigs, { modelName: 'shapes' });

for (const node of quantModel.graph.nodes.slice(-3)) {
  const quantization = quantModel.graph.values.get(node.outputs[0] ?? '')?.quantization;
  console.log(`${node.name}: ${quantization?.dtype ?? 'float32'}`);
}
