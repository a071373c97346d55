// Imported ONNX graphs compute what ONNX Runtime computes on the original file.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ImportOptions } from './index.ts';
import { difference, withDrawnWeights } from '../../test/float-parity.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const present = existsSync(DATA);

describe.skipIf(!present)('ONNX models against ONNX Runtime (skipped where ../shared/data is missing)', () => {
  const compare = async (path: string, weights: (bytes: Uint8Array) => Uint8Array, options: ImportOptions = {}): Promise<void> =>
    expect(await difference(weights(new Uint8Array(readFileSync(new URL(path, DATA)))), path, options)).toBeLessThan(1e-4);

  it.each<readonly [string, ImportOptions]>([
    ['onnx-small/mnist.onnx', {}], ['onnx-cifar10/resnet_2b.onnx', {}], ['onnx-cifar10/cifar10_large.onnx', {}],
    ['ultraface/version-RFB-320.onnx', {}],
    ['tf-mobilenetv1/mobilenet_v1_0.25_128_derived.onnx', {}], ['detection/yolox_nano.onnx', {}],
    ['magika/standard_v2_1.onnx', { inputShapes: { bytes: [1, 4096] } }],
    ['ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx', { inputShapes: { x: [1, 3, 48, 192] } }],
  ])('%s to 1e-4', (path, options) => compare(path, (bytes) => bytes, options), 120_000);

  // These files hold no kernels, only their shapes and the number that fills them all: with it every channel is the same.
  it.each(['squeezenet', 'inception_v2', 'resnet50', 'densenet121'])('onnx-topologies/light_%s.onnx to 1e-4, as it is and with drawn weights', async (name) => {
    await compare(`onnx-topologies/light_${name}.onnx`, (bytes) => bytes);
    await compare(`onnx-topologies/light_${name}.onnx`, withDrawnWeights);
  }, 120_000);
});
