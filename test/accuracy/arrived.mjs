// Files that TensorFlow Lite quantized, in both flavours, beside TensorFlow Lite's reference kernels on the same samples (arrived.py).
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, samplesOf } from '../../dist/core/index.js';
import { enter } from '../../dist/core/execute/index.js';
import { formatNpy } from '../../dist/core/tensor/npy.js';
import { dataOf } from './measure.mjs';
import { lastLine } from './python.mjs';

export const ARRIVED_COLUMNS = ['TensorFlow Lite, %', 'tflite, %', 'sima, %', 'tflite: same class, %', 'tflite: same integers, %', 'sima: same class, %', 'samples'];

const bestOf = (scores) => scores.reduce((best, score, i) => (score > scores[best] ? i : best), 0);

/** Cells by {@link ARRIVED_COLUMNS}. */
export async function measureArrived(network, root, python, say) {
  const net = await loadModel(root + network.model);
  const folder = await mkdtemp(join(tmpdir(), 'requant-arrived-'));
  try {
    const { test, labels } = await dataOf(network, root, net);
    const [port] = net.graph.inputs;
    const samples = [];
    for await (const sample of samplesOf(test, network.test)) samples.push({ [port.name]: { ...sample[port.name], data: sample[port.name].data.slice() } });
    const rows = samples.map((sample) => enter(net.graph.inputs, sample)[port.value].data);
    const all = new Float32Array(rows.length * rows[0].length);
    rows.forEach((row, i) => all.set(row, i * row.length));
    await writeFile(join(folder, 'rows.npy'), formatNpy({ dtype: 'float32', shape: [rows.length, rows[0].length], data: all }));
    const reference = lastLine(python, [fileURLToPath(new URL('arrived.py', import.meta.url)), root + network.model, join(folder, 'rows.npy')]).then(JSON.parse);
    const found = { tflite: { classes: [], digests: [] }, sima: { classes: [], digests: [] } };
    for (const flavor of ['sima', 'tflite']) {
      const model = net.convertToSimaQuantization({ flavor });
      const door = model.graph.outputs[0].value;
      const output = model.graph.nodes.find((node) => node.outputs[0] === door && node.kind === 'dequantize')?.inputs[0] ?? door;
      for (const [i, sample] of samples.entries()) {
        const { data } = (await model.values(sample, [output]))[output];
        found[flavor].classes.push(bestOf(data));
        found[flavor].digests.push(createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex').slice(0, 16));
        say(`${flavor}: ${i + 1} of ${samples.length}`);
      }
      await model.release();
    }
    say('TensorFlow Lite');
    const expected = await reference;
    const share = (list, others) => ((100 * list.filter((x, i) => x === others[i]).length) / samples.length).toFixed(1);
    const right = ({ classes }) => share(classes, labels);
    return [
      right(expected), right(found.tflite), right(found.sima), share(found.tflite.classes, expected.classes), share(found.tflite.digests, expected.digests),
      share(found.sima.classes, expected.classes), samples.length,
    ];
  } finally {
    await net.release();
    await rm(folder, { recursive: true, force: true });
  }
}
