// The same networks, samples and labels through other programs: ONNX Runtime's quantize_static on the float network as Requant writes it, and the
// int8 file that TensorFlow Lite made. Needs a Python with onnx, onnxruntime, numpy and (for .tflite) tensorflow; peers.py does the work there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, samplesOf } from '../../dist/core/index.js';
import { emitFloatGraph, onnxFile } from '../../dist/core/emit/index.js';
import { enter } from '../../dist/core/execute/index.js';
import { formatNpy } from '../../dist/core/tensor/npy.js';
import { dataOf } from './measure.mjs';
import { lastLine } from './python.mjs';

/** Columns of the peers' table, as peers.py names them. */
export const PEERS = ['float', 'minmax', 'entropy', 'percentile', 'tflite'];

/** Figures by column; absent where a peer does not apply. */
export async function measurePeers(network, root, python, say) {
  const folder = await mkdtemp(join(tmpdir(), 'requant-peers-'));
  const net = await loadModel(root + network.model, network.options);
  try {
    const { test, calibration, labels } = await dataOf(network, root, net);
    const [port] = net.graph.inputs;
    await writeFile(join(folder, 'float.onnx'), onnxFile(emitFloatGraph(net.graph, net.graph.outputs.map((output) => output.value))));
    for (const [name, data, count] of [['calibration', calibration, network.calibration], ['test', test, network.test]]) {
      const rows = [];
      for await (const sample of samplesOf(data, count)) rows.push(enter(net.graph.inputs, sample)[port.value]);
      const run = rows[0].data.length;
      const all = new Float32Array(run * rows.length);
      rows.forEach(({ data: row }, i) => all.set(row, i * run));
      await writeFile(join(folder, `${name}.npy`), formatNpy({ dtype: 'float32', shape: [rows.length, ...rows[0].shape], data: all }));
    }
    await writeFile(join(folder, 'task.json'), JSON.stringify({ labels: labels?.slice(0, network.test), tflite: network.int8File && root + network.int8File }));
    say('peers');
    return JSON.parse(await lastLine(python, [fileURLToPath(new URL('peers.py', import.meta.url)), folder]));
  } finally {
    await net.release();
    await rm(folder, { recursive: true, force: true });
  }
}
