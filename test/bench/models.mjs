// ResNet-50 and MobileNetV2 with random weights, as ONNX files: what a benchmark needs of a network is its shapes. Weights keep the spread of
// activations about level from layer to layer (He et al. 2015), so that calibrated scales are of an ordinary size.
import { ATTRIBUTE_TYPE, elemTypeOf, encodeModel, tensorToProto } from '../../dist/core/onnx/index.js';
import { float32 } from '../../dist/core/tensor/tensor.js';

/** Numbers in [0, 1), the same on every machine (Lehmer generator). */
export function random(seed) {
  let state = (seed * 7919 + 12345) % 2147483647 || 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function builder(name, inputShape) {
  const next = random(1);
  const nodes = [];
  const initializers = [];
  let last = 0;
  const constant = (shape, spread) => {
    const id = `w${last++}`;
    const length = shape.reduce((n, d) => n * d, 1);
    initializers.push(tensorToProto(float32(shape, Float32Array.from({ length }, () => (next() - 0.5) * 2 * spread)), id));
    return id;
  };
  const attribute = (key, value) => typeof value === 'number' ? { name: key, type: ATTRIBUTE_TYPE.int, i: value } : { name: key, type: ATTRIBUTE_TYPE.ints, ints: value };
  const node = (opType, input, attributes = {}) => {
    const output = [`t${last++}`];
    nodes.push({ name: output[0], opType, input, output, attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)) });
    return output[0];
  };
  const info = (value, shape) => ({ name: value, type: { tensorType: { elemType: elemTypeOf('float32'), shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } });
  const scalar = (value) => {
    const id = `w${last++}`;
    initializers.push(tensorToProto(float32([], [value]), id));
    return id;
  };
  return {
    node, scalar,
    conv: (x, channels, outputs, kernel, stride, groups = 1) => {
      const fan = (channels / groups) * kernel * kernel;
      const pad = (kernel - 1) / 2;
      return node('Conv', [x, constant([outputs, channels / groups, kernel, kernel], Math.sqrt(6 / fan)), constant([outputs], 0.1)],
        { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad], group: groups });
    },
    dense: (x, channels, outputs) => node('Gemm', [x, constant([outputs, channels], Math.sqrt(3 / channels)), constant([outputs], 0.1)], { transB: 1 }),
    file: (output, shape) => encodeModel({
      irVersion: 8, producerName: 'requant', opsetImport: [{ domain: '', version: 17 }],
      graph: { name, node: nodes, initializer: initializers, input: [info('x', inputShape)], output: [info(output, shape)] },
    }),
  };
}

/** 4.1 GMAC. */
export function resnet50(size = 224) {
  const g = builder('resnet50', [1, 3, size, size]);
  const relu = (x) => g.node('Relu', [x]);
  let x = g.node('MaxPool', [relu(g.conv('x', 3, 64, 7, 2))], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [width, blocks, first] of [[64, 3, 1], [128, 4, 2], [256, 6, 2], [512, 3, 2]]) {
    for (let i = 0; i < blocks; i++) {
      const stride = i === 0 ? first : 1;
      const inner = relu(g.conv(relu(g.conv(x, channels, width, 1, 1)), width, width, 3, stride));
      const shortcut = i === 0 ? g.conv(x, channels, width * 4, 1, stride) : x;
      x = relu(g.node('Add', [g.conv(inner, width, width * 4, 1, 1), shortcut]));
      channels = width * 4;
    }
  }
  x = g.node('Flatten', [g.node('GlobalAveragePool', [x])], { axis: 1 });
  return g.file(g.dense(x, 2048, 1000), [1, 1000]);
}

/** 0.3 GMAC, most of them in 1 x 1 and depthwise convolutions. */
export function mobilenetV2(size = 224) {
  const g = builder('mobilenet_v2', [1, 3, size, size]);
  const low = g.scalar(0), high = g.scalar(6);
  const relu6 = (x) => g.node('Clip', [x, low, high]);
  let x = relu6(g.conv('x', 3, 32, 3, 2));
  let channels = 32;
  for (const [expansion, width, blocks, first] of [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]) {
    for (let i = 0; i < blocks; i++) {
      const stride = i === 0 ? first : 1;
      const wide = channels * expansion;
      const expanded = expansion === 1 ? x : relu6(g.conv(x, channels, wide, 1, 1));
      const out = g.conv(relu6(g.conv(expanded, wide, wide, 3, stride, wide)), wide, width, 1, 1);
      x = stride === 1 && channels === width ? g.node('Add', [out, x]) : out;
      channels = width;
    }
  }
  x = relu6(g.conv(x, channels, 1280, 1, 1));
  x = g.node('Flatten', [g.node('GlobalAveragePool', [x])], { axis: 1 });
  return g.file(g.dense(x, 1280, 1000), [1, 1000]);
}

export const NETWORKS = { resnet50, mobilenet_v2: mobilenetV2 };

/** Inputs that look a little like images: smooth, with noise. */
export function sample(net, seed) {
  const next = random(seed);
  return Object.fromEntries(net.graph.inputs.map(({ name, shape }) => [name, float32(shape, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i / 50) + next() - 0.5))]));
}
