// Operators that move stored integers and change none: reshape, transpose, slice, pad with zero. The output keeps the
// input's quantization (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, transpose as transposed, type Tensor } from '../tensor/tensor.ts';
import { integer, size } from './attributes.ts';
import { bytes, isByte, lifted } from './integer.ts';
import { define, type IntegerPlan, type NodeView, type QuantizeView } from './operator.ts';
import { pick } from './pick.ts';

const shapeIn = (node: NodeView<unknown>): readonly number[] => node.inputs[0]?.shape ?? [];
const int64 = (values: readonly number[]): Tensor => ({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
const keep = <A extends Readonly<Record<string, unknown>>>(node: QuantizeView<A>): IntegerPlan => ({ attrs: { ...node.attrs }, constants: {}, output: node.outputQuantization, activations: [0] });
const only = (inputs: readonly Tensor[]): Tensor => {
  const [t] = inputs;
  if (!t) throw new RequantError('MODEL_INVALID', 'a node lacks its input');
  return t;
};

const reshapeAttributes = v.object({ shape: v.array(size) });
export const reshape = define<v.InferOutput<typeof reshapeAttributes>>({
  name: 'reshape',
  className: 'Reshape',
  attributes: reshapeAttributes,
  traits: ['passThrough', 'homogeneous'],
  shapes: (node) => {
    if (sizeOf(node.attrs.shape) !== sizeOf(shapeIn(node))) {
      throw new RequantError('SHAPE_MISMATCH', `${showShape(shapeIn(node))} cannot be reshaped to ${showShape(node.attrs.shape)}`, node.where);
    }
    return [node.attrs.shape];
  },
  parts: () => ['reshape'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => to.output(0, to.node('Reshape', [to.input(0), to.constant(int64(node.attrs.shape))])),
  quantize: keep,
  run: (call) => ({ ...only(call.inputs), shape: call.outputShape }),
});

const transposeAttributes = v.object({ perm: v.array(size) });
export const transpose = define<v.InferOutput<typeof transposeAttributes>>({
  name: 'transpose',
  className: 'Transpose',
  attributes: transposeAttributes,
  traits: ['passThrough'],
  shapes: (node) => {
    const shape = shapeIn(node);
    const { perm } = node.attrs;
    if (perm.length !== shape.length || new Set(perm).size !== perm.length || perm.some((p) => p >= shape.length)) {
      throw new RequantError('SHAPE_MISMATCH', `${showShape(perm)} is no permutation of the ${shape.length} dimensions`, node.where);
    }
    return [perm.map((p) => shape[p] ?? 0)];
  },
  parts: () => ['transpose'],
  precisions: () => ['int8'],
  emit: (node, to) => to.output(0, to.node('Transpose', [to.input(0)], { perm: node.attrs.perm })),
  quantize: keep,
  run: (call) => transposed(only(call.inputs), v.parse(transposeAttributes, call.attrs).perm),
});

/** A step backwards ends at -1 where it takes the first position, too. */
const sliceAttributes = v.object({ starts: v.array(size), ends: v.array(v.pipe(integer, v.minValue(-1))), steps: v.array(v.pipe(integer, v.notValue(0))) });
type SliceAttributes = v.InferOutput<typeof sliceAttributes>;
const sliceShape = ({ starts, ends, steps }: SliceAttributes): number[] =>
  starts.map((start, i) => Math.max(0, Math.ceil(((ends[i] ?? 0) - start) / (steps[i] ?? 1))));
export const slice = define<SliceAttributes>({
  name: 'slice',
  className: 'Slice',
  attributes: sliceAttributes,
  traits: ['passThrough'],
  shapes: (node) => {
    const shape = shapeIn(node);
    const { starts, ends, steps } = node.attrs;
    const fits = (d: number, i: number): boolean => ((steps[i] ?? 0) > 0 ? (ends[i] ?? 0) >= 0 && (ends[i] ?? 0) <= d : (starts[i] ?? 0) < d);
    if ([starts, ends, steps].some((list) => list.length !== shape.length) || !shape.every(fits)) {
      throw new RequantError('SHAPE_MISMATCH', `slice ${showShape(starts)} to ${showShape(ends)} by ${showShape(steps)} does not fit ${showShape(shape)}`, node.where);
    }
    return [sliceShape(node.attrs)];
  },
  parts: () => ['slice'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { starts, ends, steps } = node.attrs;
    const axes = starts.map((_, i) => i);
    // To ONNX, -1 would be the last position.
    const stops = ends.map((end, i) => (end < 0 ? -1 - (shapeIn(node)[i] ?? 0) : end));
    to.output(0, to.node('Slice', [to.input(0), ...[starts, stops, axes, steps].map((list) => to.constant(int64(list)))]));
  },
  quantize: keep,
  run: (call) => {
    const attrs = v.parse(sliceAttributes, call.attrs);
    return pick(only(call.inputs), call.outputShape.map((count, d) => Array.from({ length: count }, (_, i) => (attrs.starts[d] ?? 0) + i * (attrs.steps[d] ?? 1))), 0);
  },
});

const amounts = (pads: readonly (readonly [number, number])[]): Tensor => int64([...pads.map((p) => p[0]), ...pads.map((p) => p[1])]);
const padAttributes = v.object({ pads: v.array(v.tuple([size, size])), value: v.number() });
export const pad = define<v.InferOutput<typeof padAttributes>>({
  name: 'pad',
  className: 'Pad',
  attributes: padAttributes,
  traits: ['passThrough'],
  shapes: (node) => {
    const shape = shapeIn(node);
    if (node.attrs.pads.length !== shape.length) throw new RequantError('SHAPE_MISMATCH', `${node.attrs.pads.length} paddings for ${shape.length} dimensions`, node.where);
    return [shape.map((d, i) => d + (node.attrs.pads[i]?.[0] ?? 0) + (node.attrs.pads[i]?.[1] ?? 0))];
  },
  parts: () => ['pad'],
  precisions: (node) => node.attrs.value === 0 ? ['int8', 'int16'] : { reason: `it pads with ${node.attrs.value}, and the MLA pads with zero` },
  emit: (node, to) => {
    const { pads, value } = node.attrs;
    to.output(0, to.node('Pad', [to.input(0), to.constant(amounts(pads)), to.constant(float32([], [value]))]));
  },
  integer: ({ attrs, inputs }) => {
    const { pads } = v.parse(padAttributes, attrs);
    const { quantization = null } = inputs[0] ?? {};
    return isByte(quantization) ? (to) => to.output(0, to.node('Pad', [to.input(0), to.constant(amounts(pads)), to.constant(bytes([lifted(quantization)]))])) : { reason: 'it is not stored as int8' };
  },
  quantize: keep,
  run: (call) => {
    const { pads } = v.parse(padAttributes, call.attrs);
    const zero = call.inputQuantization[0]?.zeroPoint ?? 0;
    return pick(only(call.inputs), call.outputShape.map((count, d) => Array.from({ length: count }, (_, i) => i - (pads[d]?.[0] ?? 0))), zero);
  },
});
