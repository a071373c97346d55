// Operators that move stored integers: reshape shares its input's memory, positions that are picked are copied one by one, the others are strided copies.
import * as v from 'valibot';
import { instruction, type Instruction } from '../../kernels/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, widthOf, type Lowering, type NodeShape } from './lowering.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shapeIn = (node: NodeShape): readonly number[] => node.inputs[0]?.shape ?? [];
/** Bytes of an element, where both sides are stored alike. */
const movedWidth = (node: NodeShape): number | undefined => {
  const dtype = node.output.quantization?.dtype;
  return dtype !== undefined && node.inputs[0]?.quantization?.dtype === dtype ? widthOf(node.output.quantization) : undefined;
};

export const lowerReshape: Lowering = (node) => sizeOf(shapeIn(node)) === sizeOf(node.output.shape) && movedWidth(node) !== undefined
  ? { cost: 0, alias: true, instructions: () => [] } : STRANGE;

const transposeAttributes = v.looseObject({ perm: v.array(size) });
export const lowerTranspose: Lowering = (node) => {
  const { perm } = v.parse(transposeAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  const width = movedWidth(node);
  if (!width || perm.length !== shape.length || new Set(perm).size !== perm.length || perm.some((p, d) => shape[p] === undefined || shape[p] !== out[d])) return STRANGE;
  const steps = stepsOf(shape, width);
  const write = copying(node.pin, out, perm.map((p) => steps[p] ?? 0), stepsOf(out, width), width);
  return write ? { cost: sizeOf(out), instructions: ({ inputs: [x = 0], output }) => [write(x, output)] } : STRANGE;
};

const sliceAttributes = v.looseObject({ starts: v.array(size), steps: v.array(v.pipe(v.number(), v.safeInteger(), v.notValue(0))) });
export const lowerSlice: Lowering = (node) => {
  const { starts, steps } = v.parse(sliceAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  const width = movedWidth(node);
  const last = out.map((d, i) => (starts[i] ?? 0) + (d - 1) * (steps[i] ?? 1));
  const inside = out.every((d, i) => d > 0 && (starts[i] ?? 0) < (shape[i] ?? 0) && (last[i] ?? -1) >= 0 && (last[i] ?? 0) < (shape[i] ?? 0));
  if (!width || out.length !== shape.length || starts.length !== shape.length || !inside) return STRANGE;
  const dense = stepsOf(shape, width);
  const from = starts.reduce((bytes, start, d) => bytes + start * (dense[d] ?? 0), 0);
  const write = copying(node.pin, out, dense.map((bytes, d) => bytes * (steps[d] ?? 1)), stepsOf(out, width), width);
  return write ? { cost: sizeOf(out), instructions: ({ inputs: [x = 0], output }) => [write(x + from, output)] } : STRANGE;
};

const padAttributes = v.looseObject({ pads: v.array(v.tuple([size, size])) });
export const lowerPad: Lowering = (node) => {
  const { pads } = v.parse(padAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  if (movedWidth(node) !== 2 || pads.length !== shape.length || out.some((d, i) => d !== (shape[i] ?? 0) + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0))) return STRANGE;
  const count = sizeOf(out);
  const value = node.inputs[0]?.quantization?.zeroPoint ?? 0;
  const dense = stepsOf(out, 2);
  const to = pads.reduce((bytes, [before], d) => bytes + before * (dense[d] ?? 0), 0);
  const write = copying(node.pin, shape, stepsOf(shape, 2), dense, 2);
  return write ? { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('fill', { y, count, value }), write(x, y + to)] } : STRANGE;
};

const broadcastAttributes = v.looseObject({ shape: v.array(size) });
export const lowerBroadcast: Lowering = (node) => {
  const { shape } = v.parse(broadcastAttributes, node.attrs);
  const from = shapeIn(node);
  const width = movedWidth(node);
  const aligned = [...new Array<number>(Math.max(0, shape.length - from.length)).fill(1), ...from];
  if (!width || !sameShape(node.output.shape, shape) || aligned.length !== shape.length || sizeOf(shape) === 0 || aligned.some((d, i) => d !== 1 && d !== shape[i])) return STRANGE;
  const write = copying(node.pin, shape, stepsOf(aligned, width).map((bytes, d) => (aligned[d] === 1 ? 0 : bytes)), stepsOf(shape, width), width);
  return write ? { cost: sizeOf(shape), instructions: ({ inputs: [x = 0], output }) => [write(x, output)] } : STRANGE;
};

/** Picks positions along one dimension of `shape`. */
function picking(node: NodeShape, shape: readonly number[], axis: number, positions: readonly number[], width: number): (x: number, y: number) => Instruction {
  const bytes = sizeOf(shape.slice(axis + 1)) * width;
  const index = node.pin(Int32Array.from(positions));
  const parameters = { index, outer: sizeOf(shape.slice(0, axis)), count: positions.length, bytes, block: bytes * (shape[axis] ?? 1) };
  return (x, y) => instruction('gather', { ...parameters, x, y });
}
const within = (positions: readonly number[], length: number): boolean => positions.length > 0 && positions.every((i) => i < length);

const gatherAttributes = v.looseObject({ axis: size, indices: v.array(size) });
export const lowerGather: Lowering = (node) => {
  const { axis, indices } = v.parse(gatherAttributes, node.attrs);
  const shape = shapeIn(node);
  const width = movedWidth(node);
  if (!width || !within(indices, shape[axis] ?? 0) || !sameShape(node.output.shape, shape.with(axis, indices.length)) || sizeOf(shape) === 0) return STRANGE;
  const pick = picking(node, shape, axis, indices, width);
  return { cost: sizeOf(node.output.shape), instructions: ({ inputs: [x = 0], output }) => [pick(x, output)] };
};

const nearestAttributes = v.looseObject({ rows: v.array(size), columns: v.array(size) });
/** Rows are picked first, then columns. */
export const lowerResizeNearest: Lowering = (node) => {
  const { rows, columns } = v.parse(nearestAttributes, node.attrs);
  const shape = shapeIn(node);
  const [batch = 0, height = 0, columnsIn = 0, channels = 0] = shape;
  const width = movedWidth(node);
  const between = [batch, rows.length, columnsIn, channels];
  if (!width || shape.length !== 4 || sizeOf(shape) === 0 || !within(rows, height) || !within(columns, columnsIn) || !sameShape(node.output.shape, between.with(2, columns.length))) return STRANGE;
  const [down, across] = [picking(node, shape, 1, rows, width), picking(node, between, 2, columns, width)];
  return {
    cost: sizeOf(node.output.shape), temporaries: [sizeOf(between) * width],
    instructions: ({ inputs: [x = 0], output, temporaries: [picked = 0] }) => [down(x, picked), across(picked, output)],
  };
};
