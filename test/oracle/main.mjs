// npm run oracle -- PYTHON: resnet8 and dscnn, quantized in several ways, through test/oracle/sima.py, which knows only docs/format.md and
// docs/numerics.md: every value of every sample must be the same integers. PYTHON is a Python with numpy.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultQuantization, int16Quantization, loadModel, Model, samplesOf } from '../../dist/core/index.js';
import { formatNpy } from '../../dist/core/tensor/npy.js';
import { dataOf } from '../accuracy/measure.mjs';
import { NETWORKS } from '../accuracy/networks.mjs';

const SAMPLES = 10;
const CALIBRATION = 100;
const root = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const [python = 'python3', only] = process.argv.slice(2);
if (!existsSync(root)) { console.error('The networks in ../shared/data are not there.'); process.exit(1); }

const able = (net) => net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);
const SETTINGS = {
  int8: () => defaultQuantization,
  'int8, tflite mode, one scale for all weights': () => defaultQuantization.withRequantizationMode('tflite').withWeightQuantization({ asymmetric: false, perChannel: false, bits: 8 }),
  int16: () => int16Quantization,
  mixed: (net) => defaultQuantization.withCustomQuantizationConfigs(Object.fromEntries(able(net).filter((_, i) => i % 2 === 1).map((name) => [name, { quantizationPrecision: 'int16' }]))),
};

let failed = false;
for (const network of NETWORKS.filter(({ id }) => (only ? id === only : id === 'resnet8' || id === 'dscnn-float32'))) {
  const net = await loadModel(root + network.model, network.options);
  const { test, calibration } = await dataOf(network, root, net);
  const statistics = await net.calibrate(samplesOf(calibration, CALIBRATION));
  for (const [setting, config] of Object.entries(SETTINGS)) {
    const folder = mkdtempSync(join(tmpdir(), 'requant-oracle-'));
    try {
      await net.quantizeWith(statistics, config(net)).save('model', folder);
      const model = await Model.load('model', folder);
      const names = [...model.graph.values.keys()];
      let i = 0;
      for await (const sample of samplesOf(test, SAMPLES)) {
        mkdirSync(join(folder, String(i)));
        const values = await model.values(sample, names);
        model.graph.inputs.forEach((port, k) => writeFileSync(join(folder, String(i), `in${k}.npy`), formatNpy({ ...sample[port.name], shape: port.shape })));
        names.forEach((name, k) => writeFileSync(join(folder, String(i), `${k}.npy`), formatNpy(values[name])));
        i++;
      }
      await model.release();
      const { status, stdout, stderr } = spawnSync(python, [fileURLToPath(new URL('sima.py', import.meta.url)), folder], { encoding: 'utf8' });
      failed ||= status !== 0;
      console.log(`${network.title}, ${setting}: ${status === 0 ? stdout.trim() : `FAILED\n${stderr}`}`);
    } finally { rmSync(folder, { recursive: true, force: true }); }
  }
  await net.release();
}
process.exit(failed ? 1 : 0);
