// resize_nearest and resize_bilinear: an image read at given positions. `rows` and `columns` hold, for each row and column of the output, where
// in the input it lies: whole numbers for nearest, real ones between for bilinear. Whatever rule a file format has for them is settled by its
// importer. Input [1, H, W, C], output [1, rows, columns, C].
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { clamp, INTEGER_RANGE, rescale, rint, rshr, rshrWide } from './arithmetic.ts';
import { size } from './attributes.ts';
import { carrierOf, cast, reach, rescaled, type Carrier } from './exact.ts';
import { define, sameAsFloat, type FloatEmitter, type KernelCall, type Layout, type NodeView } from './operator.ts';
import { pick } from './pick.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const nearestAttributes = v.object({ rows: v.array(size), columns: v.array(size) });
const position = v.pipe(v.number(), v.minValue(0));
const positions = { rows: v.array(position), columns: v.array(position) };
/** `rule`: how TensorFlow Lite came by the positions: corners meet corners, pixels have their place at half, or at 0. */
export const resizeRule = v.picklist(['corners', 'centres', 'plain']);
const bilinearAttributes = v.object({ ...positions, rule: v.optional(resizeRule) });
const planAttributes = v.object({ ...positions, multiplier: v.number(), shift: v.number() });
type Positions = v.InferOutput<typeof bilinearAttributes>;

function resizedShape(node: NodeView<Positions>): readonly number[] {
  const shape = node.inputs[0]?.shape ?? [];
  const [batch = 1, height = 0, width = 0, channels = 1] = shape;
  const { rows, columns } = node.attrs;
  const inside = (list: readonly number[], length: number): boolean => list.every((at) => at <= length - 1);
  if (shape.length !== 4 || !inside(rows, height) || !inside(columns, width)) {
    throw new RequantError('SHAPE_MISMATCH', `positions to resize at lie outside an image of ${showShape(shape)}`, node.where);
  }
  return [batch, rows.length, columns.length, channels];
}

const int64 = (list: readonly number[]): Tensor => tensor('int64', [list.length], BigInt64Array.from(list, BigInt));
const layoutOf = (to: FloatEmitter): Layout => (to.isChannelsFirst(0) ? 'nchw' : 'nhwc');
/** Positions along each axis that is not left as it is. */
const resizedAxes = ({ rows, columns }: Positions, [, height = 1, width = 1]: readonly number[], layout: Layout): readonly (readonly [axis: number, positions: readonly number[]])[] => {
  const first = layout === 'nchw' ? 2 : 1;
  const moved = (list: readonly number[], length: number): boolean => list.length !== length || list.some((at, i) => at !== i);
  return [...(moved(rows, height) ? [[first, rows] as const] : []), ...(moved(columns, width) ? [[first + 1, columns] as const] : [])];
};

export const resizeNearest = define<v.InferOutput<typeof nearestAttributes>>({
  name: 'resize_nearest',
  className: 'Upscale',
  attributes: nearestAttributes,
  traits: ['passThrough', 'homogeneous'],
  shapes: (node) => [resizedShape(node)],
  parts: () => ['resize_nearest'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const layout = layoutOf(to);
    const axes = resizedAxes(node.attrs, node.inputs[0]?.shape ?? [], layout);
    const y = axes.reduce((x, [axis, list]) => to.node('Gather', [x, to.constant(int64(list))], { axis: { int: axis } }), to.input(0, layout));
    to.output(0, axes.length > 0 ? y : to.node('Identity', [y]), layout);
  },
  quantize: (node) => ({ attrs: { ...node.attrs }, constants: {}, output: node.outputQuantization, activations: [0] }),
  run: (call) => {
    const { rows, columns } = v.parse(nearestAttributes, call.attrs);
    const [x] = call.inputs;
    if (!x) throw new RequantError('MODEL_INVALID', 'a node lacks its input');
    return pick(x, [undefined, rows, columns, undefined], 0);
  },
});

/** The two neighbours of each position, and how far it lies towards the second. */
export const neighbours = (positions: readonly number[], length: number) => positions.map((at) => {
  const low = Math.floor(at);
  return { low, high: Math.min(low + 1, length - 1), part: at - low };
});

/** Writes the interpolation along each axis: x[low] * (one - part) + x[high] * part, with `weight` making the parts of one. */
function interpolate(to: FloatEmitter, x: string, attrs: Positions, shape: readonly number[], layout: Layout, type: Carrier, one: number, weight: (part: number) => number): string {
  const [, height = 1, width = 1] = shape;
  const first = layout === 'nchw' ? 2 : 1;
  return resizedAxes(attrs, shape, layout).reduce((value, [axis, positions]) => {
    const sides = neighbours(positions, axis === first ? height : width);
    const along = (list: readonly number[]): string => {
      const dims = new Array<number>(4 - axis).fill(1).with(0, list.length);
      return to.constant(type === 'float32' ? float32(dims, list) : tensor('float64', dims, Float64Array.from(list)));
    };
    const side = (at: readonly number[], weights: readonly number[]): string =>
      to.node('Mul', [to.node('Gather', [value, to.constant(int64(at))], { axis: { int: axis } }), along(weights)]);
    return to.node('Add', [side(sides.map((s) => s.low), sides.map((s) => one - weight(s.part))), side(sides.map((s) => s.high), sides.map((s) => weight(s.part)))]);
  }, x);
}

/** A row's and a column's weights are whole parts of this. */
const ONE_BITS = 14;
export const WEIGHT_ONE = 2 ** ONE_BITS;
export const wholePart = (part: number): number => rint(part * WEIGHT_ONE);
/** Axes that are left as they are weigh 1 in the exact form, and WEIGHT_ONE in the sum that the shift is for. */
const bitsLeft = (attrs: Positions, shape: readonly number[]): number => ONE_BITS * resizedAxes(attrs, shape, 'nhwc').length;

export const resizeBilinear = define<Positions>({
  name: 'resize_bilinear',
  className: 'Upscale',
  attributes: bilinearAttributes,
  traits: ['homogeneous'],
  shapes: (node) => [resizedShape(node)],
  parts: () => ['resize_bilinear'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const layout = layoutOf(to);
    const x = to.input(0, layout);
    const y = interpolate(to, x, node.attrs, node.inputs[0]?.shape ?? [], layout, 'float32', 1, (part) => part);
    to.output(0, y === x ? to.node('Identity', [x]) : y, layout);
  },
  quantize: (node) => {
    const { rows, columns } = node.attrs;
    const { multiplier, shift } = rescale(quantizationOfInput(node.inputQuantization[0] ?? null).scale / node.outputQuantization.scale);
    return { attrs: { rows, columns, multiplier, shift: shift + 2 * ONE_BITS }, constants: {}, output: node.outputQuantization, activations: [0] };
  },
  run,
  exact: (twin) => {
    const attrs = v.parse(planAttributes, twin.attrs);
    const [input] = twin.inputs;
    const shape = input?.shape ?? [];
    const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const bits = bitsLeft(attrs, shape);
    const bound = reach(input?.quantization ?? null) * 2 ** bits;
    const write = rescaled(bound, { multiplier: attrs.multiplier, shift: attrs.shift - 2 * ONE_BITS + bits, min, max }, zeroPoint);
    if (!write || carrierOf(bound) === undefined) return undefined;
    return (to) => {
      const layout = layoutOf(to);
      const sum = interpolate(to, cast(to, to.input(0, layout), 'float64'), attrs, shape, layout, 'float64', WEIGHT_ONE, wholePart);
      to.output(0, write(to, sum), layout);
    };
  },
  float: sameAsFloat,
  macs: (node) => 4 * sizeOf(resizedShape(node)),
});

/**
 * y = clamp(rshr(sum wr * wc * (x - zx) * m, n) + zy) over the four neighbours, wr and wc whole parts of 2^14. With 8 bits the product stays below
 * 2^8 * 2^28 * 2^15; with 16 bits it may pass 2^53 and is made of big integers.
 */
function run(call: KernelCall): Tensor {
  const { rows, columns, multiplier, shift } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const [batch = 1, height = 1, width = 1, channels = 1] = call.inputs[0]?.shape ?? [];
  const input = quantizationOfInput(call.inputQuantization[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const wide = input.dtype !== 'int8';
  const out = newIntegers(output.dtype, sizeOf(call.outputShape));
  const across = neighbours(columns, width).map((c) => ({ ...c, part: wholePart(c.part) }));
  let at = 0;
  for (let b = 0; b < batch; b++) for (const r of neighbours(rows, height)) {
    const part = wholePart(r.part);
    const upper = (b * height + r.low) * width;
    const lower = (b * height + r.high) * width;
    for (const c of across) for (let k = 0; k < channels; k++, at++) {
      const read = (pixel: number): number => (x[pixel * channels + k] ?? 0) - input.zeroPoint;
      const above = read(upper + c.low) * (WEIGHT_ONE - c.part) + read(upper + c.high) * c.part;
      const below = read(lower + c.low) * (WEIGHT_ONE - c.part) + read(lower + c.high) * c.part;
      const sum = above * (WEIGHT_ONE - part) + below * part;
      const y = wide ? Number(rshrWide(BigInt(sum) * BigInt(multiplier), shift)) : rshr(sum * multiplier, shift);
      out[at] = clamp(y + output.zeroPoint, min, max);
    }
  }
  return integerTensor(output.dtype, call.outputShape, out);
}
