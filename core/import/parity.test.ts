// Imported ONNX graphs compute what ONNX Runtime computes on the original file.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { difference } from '../../test/float-parity.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const present = existsSync(DATA);

describe.skipIf(!present)('ONNX models against ONNX Runtime (skipped where ../shared/data is missing)', () => {
  it.each([
    'onnx-small/mnist.onnx', 'onnx-cifar10/resnet_2b.onnx', 'onnx-cifar10/cifar10_large.onnx', 'ultraface/version-RFB-320.onnx',
    'tf-mobilenetv1/mobilenet_v1_0.25_128_derived.onnx', 'detection/yolox_nano.onnx',
    'onnx-topologies/light_squeezenet.onnx', 'onnx-topologies/light_inception_v2.onnx',
  ])('%s to 1e-4', async (path) => {
    expect(await difference(new Uint8Array(readFileSync(new URL(path, DATA))), path)).toBeLessThan(1e-4);
  }, 120_000);
});
