// Saving writes NAME.sima and NAME.sima.json (which Netron draws); a loaded model gives the same bits.
import { isDeepStrictEqual } from 'node:util';
import { defaultQuantization, Model, samplesOf } from 'requant';
import { openSample, OUTPUT_DIR, SAMPLES } from './sample.mjs';

const { loadedNet, calibration, test } = await openSample();
const quantModel = await loadedNet.quantize(samplesOf(calibration, SAMPLES), defaultQuantization, { modelName: 'shapes' });
console.log(`wrote ${(await quantModel.save('shapes', OUTPUT_DIR)).join(' and ')}`);

const loaded = await Model.load('shapes', OUTPUT_DIR);
const inputs = await test.sample(0);
const [before, after] = [await quantModel.execute(inputs), await loaded.execute(inputs)];
console.log(`same outputs: ${isDeepStrictEqual(before, after)}`);
