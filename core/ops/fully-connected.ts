// fully_connected: a dense layer. Inputs: x [..., I], weights [O, I], bias [O]. Output [..., O].
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { showShape, sizeOf, transpose, type Tensor } from '../tensor/tensor.ts';
import { activation, activationPart, emitActivation } from './activation.ts';
import { writeProduct } from './convolution.ts';
import { exactWeighted } from './exact-weighted.ts';
import { integerWeighted } from './integer-weighted.ts';
import { define, type FloatEmitter, type KernelCall, type NodeView } from './operator.ts';
import { integers, integerTensor, quantizationOfInput } from './rescaling.ts';
import { floatWeighted, quantizeWeighted, weightedKernel } from './weights.ts';

const attributes = v.object({ activation });
type Attributes = v.InferOutput<typeof attributes>;

function outputShape(node: NodeView<Attributes>): readonly number[] {
  const x = node.inputs[0]?.shape ?? [];
  const w = node.inputs[1]?.shape ?? [];
  if (w.length !== 2 || x.length < 1 || x.at(-1) !== w[1]) {
    throw new RequantError('SHAPE_MISMATCH', `fully_connected: input ${showShape(x)} does not fit weights ${showShape(w)}`, node.where);
  }
  return [...x.slice(0, -1), w[0] ?? 0];
}

export const fullyConnected = define<Attributes>({
  name: 'fully_connected',
  className: 'FullyConnected',
  attributes,
  traits: ['weighted', 'fusesActivation'],
  shapes: (node) => [outputShape(node)],
  parts: (node) => ['dense', ...(node.inputs[2] ? ['add'] : []), ...activationPart(node.attrs.activation)],
  precisions: (node) => node.inputs[1]?.constant ? ['int8', 'int16'] : { reason: 'its weights are computed while the network runs' },
  emit: (node, to) => {
    const product = to.node('MatMul', [to.input(0), to.permuted(1, [1, 0])]);
    const sum = node.inputs[2] ? to.node('Add', [product, to.input(2)]) : product;
    to.output(0, emitActivation(node.attrs.activation, sum, to));
  },
  inputChannelOf: () => (_o, k) => k,
  quantize: (node) => quantizeWeighted(node, {}, (_o, k) => k),
  run,
  exact: (twin) => exactWeighted(twin, {
    layout: 'nhwc', perChannel: (channels) => [channels],
    sum: (to, x, weights, bias) => {
      const product = to.node('MatMul', [x, to.constant(transpose(weights, [1, 0]))]);
      return bias ? to.node('Add', [product, to.constant(bias)]) : product;
    },
  }),
  integer: (twin) => {
    const { shape } = twin.output;
    const depth = twin.inputs[0]?.shape.at(-1) ?? 1;
    const shaped = (to: FloatEmitter, x: string, dims: readonly number[]): string => to.node('Reshape', [x, to.constant({ dtype: 'int64', shape: [dims.length], data: BigInt64Array.from(dims, BigInt) })]);
    return integerWeighted(twin, {
      strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, arrange: (weights) => ({ ...weights, shape: [...weights.shape, 1, 1] }),
      write: (to, layer) => to.output(0, shaped(to, layer(to, shaped(to, to.input(0), [1, sizeOf(shape.slice(0, -1)), 1, depth])), shape)),
    });
  },
  float: floatWeighted,
  macs: (node) => sizeOf(outputShape(node)) * (node.inputs[1]?.shape[1] ?? 0),
});

function run(call: KernelCall): Tensor {
  const x = integers(call.inputs[0]);
  const zx = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const kernel = weightedKernel(call);
  const outputs = kernel.bias.length;
  const length = kernel.weights.length / outputs;
  const rows = x.length / length;
  const row = new Int32Array(length);
  const out = kernel.newOutput(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < length; k++) row[k] = (x[r * length + k] ?? 0) - zx;
    for (let o = 0; o < outputs; o++) writeProduct(kernel, out, r * outputs + o, o, row);
  }
  return integerTensor(kernel.dtype, call.outputShape, out);
}
