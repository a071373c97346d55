// Per-layer statistics: how much each node adds to the error (local feed), saved as "Layer Statistics" in the JSON. Unlike in the document, a model that
// was saved and loaded can be analysed too, when its float network is at hand.
import { readFile } from 'node:fs/promises';
import { defaultQuantization, Metric, Model, samplesOf } from 'requant';
import { openSample, OUTPUT_DIR, SAMPLES } from './sample.mjs';

const { loadedNet, calibration, test } = await openSample();
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), defaultQuantization, { modelName: 'shapes' });

const report = await quantModel.analyzeQuantizationError(samplesOf(test, Math.min(SAMPLES, 8)), Metric.mae, { localFeed: true });
for (const { name, mae } of report.nodes) console.log(`${name.padEnd(28)} mae ${mae.toPrecision(3)}`);

const [, json = ''] = await quantModel.save('shapes_statistics', OUTPUT_DIR);
/** @type {{ config: { layers: { config: Record<string, unknown> }[] } }} */
const saved = JSON.parse(await readFile(json, 'utf8'));
console.log('Layer Statistics of the first layer:', saved.config.layers.map((layer) => layer.config['Layer Statistics']).find((statistics) => statistics !== undefined));

const loaded = await Model.load('shapes_statistics', OUTPUT_DIR);
const cumulative = await loaded.analyzeQuantizationError(samplesOf(test, Math.min(SAMPLES, 8)), Metric.psnr, { localFeed: false, float: loadedNet });
console.log(`the whole network, after loading: psnr ${cumulative.nodes.at(-1)?.psnr.toFixed(1)} dB`);
