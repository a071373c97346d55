// Mixed precision by hand: the named nodes at int16, the rest at int8. Names exist as soon as a network is open, and never change with settings.
import { readFile } from 'node:fs/promises';
import { defaultQuantization, QuantizationPrecision, samplesOf } from 'requant';
import { openSample, OUTPUT_DIR, SAMPLES } from './sample.mjs';

const { loadedNet, calibration } = await openSample();
console.log(loadedNet.graph.nodes.map((node) => node.name).join('\n'));

const int16Nodes = ['MLA_0/conv2d_add_relu6_0', 'MLA_0/conv2d_add_relu6_2', 'MLA_0/max_pool2d_3', 'MLA_0/conv2d_add_relu_4', 'MLA_0/conv2d_add_5'];
const quantConfigs = defaultQuantization.withCustomQuantizationConfigs(
  Object.fromEntries(int16Nodes.map((node) => [node, { quantizationPrecision: QuantizationPrecision.INT_16 }])),
);
const sdkNet = await loadedNet.quantize(samplesOf(calibration, SAMPLES), quantConfigs, { modelName: 'shapes_mixed' });

// As in the document: save, and look for the layers whose input is int16.
const [, json = ''] = await sdkNet.save('shapes_mixed', OUTPUT_DIR);
/** @type {{ config: { layers: { name: string, config: { input_int16?: boolean } }[] } }} */
const saved = JSON.parse(await readFile(json, 'utf8'));
for (const layer of saved.config.layers) if (layer.config.input_int16) console.log(`input_int16: true  ${layer.name}`);
