// Operators that move stored integers: reshape shares its input's memory, the others are strided copies.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, widthOf, type Lowering, type NodeShape } from './lowering.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shapeIn = (node: NodeShape): readonly number[] => node.inputs[0]?.shape ?? [];
/** Movement is done on 16-bit lanes, between values stored alike. */
const isMovable = (node: NodeShape): boolean => [node.inputs[0], node.output].every((value) => widthOf(value?.quantization ?? null) === 2)
  && node.inputs[0]?.quantization?.dtype === node.output.quantization?.dtype;

export const lowerReshape: Lowering = (node) => sizeOf(shapeIn(node)) === sizeOf(node.output.shape) && isMovable(node)
  ? { cost: 0, alias: true, instructions: () => [] } : STRANGE;

const transposeAttributes = v.looseObject({ perm: v.array(size) });
export const lowerTranspose: Lowering = (node) => {
  const { perm } = v.parse(transposeAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  if (!isMovable(node) || perm.length !== shape.length || new Set(perm).size !== perm.length || perm.some((p, d) => shape[p] === undefined || shape[p] !== out[d])) return STRANGE;
  const steps = stepsOf(shape, 2);
  const write = copying(node.pin, out, perm.map((p) => steps[p] ?? 0), stepsOf(out, 2), 2);
  return write ? { cost: sizeOf(out), instructions: ({ inputs: [x = 0], output }) => [write(x, output)] } : STRANGE;
};

const sliceAttributes = v.looseObject({ starts: v.array(size), steps: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))) });
export const lowerSlice: Lowering = (node) => {
  const { starts, steps } = v.parse(sliceAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  const inside = out.every((d, i) => d > 0 && (starts[i] ?? 0) + (d - 1) * (steps[i] ?? 1) < (shape[i] ?? 0));
  if (!isMovable(node) || out.length !== shape.length || starts.length !== shape.length || !inside) return STRANGE;
  const dense = stepsOf(shape, 2);
  const from = starts.reduce((bytes, start, d) => bytes + start * (dense[d] ?? 0), 0);
  const write = copying(node.pin, out, dense.map((bytes, d) => bytes * (steps[d] ?? 1)), stepsOf(out, 2), 2);
  return write ? { cost: sizeOf(out), instructions: ({ inputs: [x = 0], output }) => [write(x + from, output)] } : STRANGE;
};

const padAttributes = v.looseObject({ pads: v.array(v.tuple([size, size])) });
export const lowerPad: Lowering = (node) => {
  const { pads } = v.parse(padAttributes, node.attrs);
  const shape = shapeIn(node);
  const out = node.output.shape;
  if (!isMovable(node) || pads.length !== shape.length || out.some((d, i) => d !== (shape[i] ?? 0) + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0))) return STRANGE;
  const count = sizeOf(out);
  const value = node.inputs[0]?.quantization?.zeroPoint ?? 0;
  const dense = stepsOf(out, 2);
  const to = pads.reduce((bytes, [before], d) => bytes + before * (dense[d] ?? 0), 0);
  const write = copying(node.pin, shape, stepsOf(shape, 2), dense, 2);
  return write ? { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('fill', { y, count, value }), write(x, y + to)] } : STRANGE;
};
