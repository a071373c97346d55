// A TFLite model that arrives quantized: node examples/arrived-quantized.mjs MODEL.tflite. It is converted, not quantized again: no samples are needed.
// Flavour sima computes with shifts alone, tflite as TensorFlow Lite does; here both see the same input, and how far they are apart is printed.
import { basename } from 'node:path';
import { float32, loadModel, QuantizationFlavor, tfliteSource } from 'requant';
import { OUTPUT_DIR } from './sample.mjs';

const [, , path] = process.argv;
if (path === undefined) throw new Error('node examples/arrived-quantized.mjs MODEL.tflite');
const name = basename(path, '.tflite');
const loadedNet = await loadModel(tfliteSource(path));

const quantModel = loadedNet.convertToSimaQuantization();
const asTflite = loadedNet.convertToSimaQuantization({ flavor: QuantizationFlavor.tflite });
console.log(`wrote ${(await quantModel.save(name, OUTPUT_DIR)).join(' and ')}`);

const size = (/** @type {readonly number[]} */ shape) => shape.reduce((product, d) => product * d, 1);
const inputs = Object.fromEntries(loadedNet.graph.inputs.map((port) => [port.name, float32(port.shape, Float32Array.from({ length: size(port.shape) }, (_, i) => i % 255))]));
const [sima, tflite] = [await quantModel.execute(inputs), await asTflite.execute(inputs)];
for (const { name: output } of loadedNet.graph.outputs) {
  const [a, b] = [sima[output], tflite[output]].map((t) => Array.from(t?.data ?? [], Number));
  console.log(`${output}: flavours differ by at most ${Math.max(...(a ?? []).map((x, i) => Math.abs(x - (b?.[i] ?? NaN))))}`);
}
