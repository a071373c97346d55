// Networks of any size for the studio's benchmark, written as ONNX: residual blocks, branches that meet again, and long skips. No two
// neighbours fuse, so that a file of N nodes is drawn as N nodes.
import { encodeModel } from '../../dist/core/onnx/index.js';

const CHANNELS = 4;
const SIDE = 4;
const FLOAT = 1;

const ints = (name, values) => ({ name, type: 7, ints: values });
const port = (name) => ({
  name, type: { tensorType: { elemType: FLOAT, shape: { dim: [1, CHANNELS, SIDE, SIDE].map((dimValue) => ({ dimValue })) } } },
});

/** The bytes of an ONNX file with `count` nodes; the same for the same count. */
export function benchNetwork(count) {
  const nodes = [];
  const initializers = [];
  let state = 20260;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

  const add = (opType, input, attribute = []) => {
    const name = `${opType}_${nodes.length}`;
    nodes.push({ name, opType, input, output: [name], attribute });
    return name;
  };
  const conv = (input) => {
    const name = `w_${nodes.length}`;
    const weights = Float32Array.from({ length: CHANNELS * CHANNELS }, () => random() - 0.5);
    initializers.push({ name, dims: [CHANNELS, CHANNELS, 1, 1], dataType: FLOAT, rawData: new Uint8Array(weights.buffer) });
    return add('Conv', [input, name], [ints('kernel_shape', [1, 1])]);
  };
  const pool = (input) => add('MaxPool', [input], [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])]);
  const residual = (x) => add('Add', [conv(conv(pool(x))), x]);
  const branches = (x) => {
    const ends = Array.from({ length: 3 + Math.floor(random() * 3) }, () => {
      let y = pool(x);
      for (let depth = Math.floor(random() * 3); depth >= 0; depth--) y = conv(y);
      return y;
    });
    return ends.reduce((sum, end) => add('Add', [sum, end]));
  };
  const skips = [];
  const longSkip = (x) => {
    skips.push(x);
    const y = conv(x);
    return skips.length > 2 ? add('Mul', [y, skips.splice(skips.length - 3, 1)[0] ?? y]) : y;
  };

  let x = conv('image');
  // The longest block has 24 nodes; the rest is a chain, which gives exactly `count`.
  while (nodes.length < count - 25) {
    const kind = random();
    x = kind < 0.55 ? residual(x) : kind < 0.9 ? branches(x) : longSkip(x);
  }
  while (nodes.length < count) x = nodes.length % 2 ? pool(x) : conv(x);
  return encodeModel({
    irVersion: 8, producerName: 'requant benchmark', opsetImport: [{ domain: '', version: 13 }],
    graph: { name: `bench_${count}`, node: nodes, initializer: initializers, input: [port('image')], output: [port(x)] },
  });
}
