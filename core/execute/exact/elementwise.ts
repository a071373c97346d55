// Elementwise operators on the kernels: add, sub, mul, rescaling (requantize, relu, clip), tables. Operands that broadcast along the
// first dimensions repeat by rows; any other broadcast is copied out first.
import * as v from 'valibot';
import { instruction, type Instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { halfStep, INT32_LIMIT, isShift, outputBounds, rounding, roundsExactly } from './bounds.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, UNPROVED, type Lowered, type Lowering, type NodeShape, type NotLowered, type Stored } from './lowering.ts';

/** Where an elementwise instruction reads and writes: rows of `run` elements; a step of 0 repeats a row. */
export interface Rows {
  readonly a: number; readonly b: number; readonly y: number;
  readonly rows: number; readonly run: number;
  readonly aStep: number; readonly bStep: number; readonly yStep: number;
}

/** y = rshr(a * ma + b * mb + constant, shift) + zero point, clamped. */
export interface Blend {
  readonly ma: number; readonly mb: number;
  readonly za: number; readonly zb: number;
  readonly shift: number;
  readonly zeroPoint: number;
  readonly bounds: { readonly min: number; readonly max: number };
  /** Largest magnitude of an operand as stored. */
  readonly reach: number;
}

/** The cheapest exact form of a blend, or undefined where none is proved. */
export function blend(b: Blend): ((rows: Rows) => Instruction) | undefined {
  const { ma, mb, shift, reach, bounds, zeroPoint } = b;
  if (![ma, mb, b.za, b.zb].every(Number.isSafeInteger) || !isShift(shift)) return undefined;
  const constant = -b.za * ma - b.zb * mb;
  const bound = reach * (Math.abs(ma) + Math.abs(mb)) + Math.abs(constant);
  const fits16 = (m: number): boolean => m >= -32768 && m <= 32767;
  const half = shift > 0 ? 2 ** (shift - 1) : 0;
  if (shift >= 0 && shift < 31 && fits16(ma) && fits16(mb) && bound + half + Math.abs(zeroPoint) * 2 ** shift < INT32_LIMIT) {
    return (rows) => instruction('blend', { ...rows, ma, mb, round: constant + half + zeroPoint * 2 ** shift, shift, ...bounds });
  }
  if (!roundsExactly(bound)) return undefined;
  const unit = 2 ** -shift;
  return (rows) => instruction('affine', { ...rows, ka: ma * unit, kb: mb * unit, offset: constant * unit + halfStep(shift), ...rounding(zeroPoint, bounds), ...bounds });
}

const reachOfAll = (values: readonly (Stored | undefined)[]): number => Math.max(...values.map((value) => (value?.quantization?.dtype === 'int8' ? 128 : 32768)));

/** How an operand lies under the output: rows of it, or a copy that has the output's shape. */
interface Operand {
  readonly run: number;
  readonly step: number;
  readonly expanded: boolean;
}
function lie(shape: readonly number[], out: readonly number[]): Operand {
  const trimmed = shape.slice(Math.max(0, shape.findIndex((d) => d !== 1)));
  const size = sizeOf(shape);
  if (size === sizeOf(out)) return { run: size, step: 2, expanded: false };
  const suffix = size > 1 && trimmed.every((d, i) => d === out[i + out.length - trimmed.length]);
  return suffix ? { run: size, step: 0, expanded: false } : { run: sizeOf(out), step: 2, expanded: true };
}

export interface Binary {
  readonly operands: readonly [Side, Side];
  readonly rows: (at: readonly number[], y: number) => Rows;
  readonly temporaries: readonly number[];
  /** Copies of operands that broadcast in another way. */
  readonly copies: (at: readonly number[], temporaries: readonly number[]) => readonly Instruction[];
  readonly place: (inputs: readonly number[], temporaries: readonly number[]) => readonly [number, number];
}
interface Side {
  readonly shape: readonly number[];
  /** Index among the node's inputs, or the address of a pinned constant. */
  readonly input?: number;
  readonly pinned?: number;
}

/** Two operands, each an input or a constant, brought to common rows. Undefined where a constant is not of integers. */
export function binary(node: NodeShape): Binary | undefined {
  let next = 0;
  const side = (role: string): Side | undefined => {
    const constant = node.constants[role];
    if (!constant) { const input = next++; return { shape: node.inputs[input]?.shape ?? [], input }; }
    return isStored(constant) ? { shape: constant.shape, pinned: node.pin(Int16Array.from(constant.data as Int8Array | Int16Array)) } : undefined;
  };
  const a = side('a');
  const b = side('b');
  if (!a || !b || next !== node.inputs.length) return undefined;
  const out = node.output.shape;
  const total = sizeOf(out);
  const lying = [lie(a.shape, out), lie(b.shape, out)] as const;
  const run = Math.min(...lying.map((l) => l.run));
  const step = (l: Operand): number => (l.step === 0 ? 0 : run * 2);
  // Two operands that repeat with different lengths share no rows: the longer one is copied out.
  const expanded = lying.map((l) => l.expanded || (l.step === 0 && l.run !== run));
  const sides = [a, b] as const;
  const temporaries = expanded.filter(Boolean).map(() => total * 2);
  const source = (s: Side, inputs: readonly number[]): number => s.pinned ?? inputs[s.input ?? 0] ?? 0;
  const temporaryOf = (i: number): number => (i === 1 && expanded[0] ? 1 : 0);
  const copies = sides.map((s, i) => {
    if (!expanded[i]) return undefined;
    const aligned = [...new Array<number>(out.length - s.shape.length).fill(1), ...s.shape];
    const steps = stepsOf(aligned, 2).map((bytes, d) => (aligned[d] === 1 ? 0 : bytes));
    return copying(node.pin, out, steps, stepsOf(out, 2), 2);
  });
  if (copies.some((write, i) => expanded[i] && !write)) return undefined;
  return {
    operands: sides, temporaries,
    place: (inputs, at) => [0, 1].map((i) => (expanded[i] ? at[temporaryOf(i)] ?? 0 : source(sides[i as 0 | 1], inputs))) as [number, number],
    copies: (inputs, at) => sides.flatMap((s, i) => { const write = copies[i]; return write ? [write(source(s, inputs), at[temporaryOf(i)] ?? 0)] : []; }),
    rows: ([pa = 0, pb = 0], y) => ({
      a: pa, b: pb, y, rows: total / run, run, yStep: run * 2,
      aStep: expanded[0] ? run * 2 : step(lying[0]), bStep: expanded[1] ? run * 2 : step(lying[1]),
    }),
  };
}
const isStored = (t: Tensor): boolean => t.data instanceof Int8Array || t.data instanceof Int16Array;

const binaryAttributes = v.looseObject({ za: v.number(), zb: v.number(), min: v.number(), max: v.number() });

export function lowerBinary(node: NodeShape, write: (rows: Rows) => Instruction, pair: Binary): Lowered {
  return {
    cost: sizeOf(node.output.shape), temporaries: pair.temporaries,
    instructions: ({ inputs, output, temporaries }) => {
      const places = pair.place(inputs, temporaries);
      return [...pair.copies(inputs, temporaries), write(pair.rows(places, output))];
    },
  };
}

const sumAttributes = v.looseObject({ ma: v.number(), mb: v.number(), shift: v.number() });
export const lowerSum = (sign: 1 | -1): Lowering => (node) => {
  const { za, zb, min, max } = v.parse(binaryAttributes, node.attrs);
  const { ma, mb, shift } = v.parse(sumAttributes, node.attrs);
  const q = node.output.quantization;
  const bounds = q && q.dtype !== 'int32' ? outputBounds(q, min, max) : undefined;
  const pair = binary(node);
  if (!q || !bounds || !pair) return STRANGE;
  const constants = Object.values(node.constants).some((t) => t.data instanceof Int16Array);
  const write = blend({ ma, mb: sign * mb, za, zb, shift, zeroPoint: q.zeroPoint, bounds, reach: constants ? 32768 : reachOfAll(node.inputs) });
  return write ? lowerBinary(node, write, pair) : UNPROVED;
};

const productAttributes = v.looseObject({ multiplier: v.number(), shift: v.number() });
export const lowerProduct: Lowering = (node) => {
  const { za, zb, min, max } = v.parse(binaryAttributes, node.attrs);
  const { multiplier, shift } = v.parse(productAttributes, node.attrs);
  const q = node.output.quantization;
  const bounds = q && q.dtype !== 'int32' ? outputBounds(q, min, max) : undefined;
  const pair = binary(node);
  if (!q || !bounds || !pair || !isShift(shift) || ![za, zb].every((z) => Number.isInteger(z) && Math.abs(z) <= 32768)) return STRANGE;
  if (!roundsExactly(2 ** 32 * Math.abs(multiplier))) return UNPROVED;
  const unit = 2 ** -shift;
  return lowerBinary(node, (rows) => instruction('product', {
    ...rows, za, zb, scale: multiplier * unit, offset: halfStep(shift), ...rounding(q.zeroPoint, bounds), ...bounds,
  }), pair);
};

/** y = clamp(rshr((x - zx) * m, n) + zy), or undefined where it is not proved. */
export function rescaling(input: Stored | undefined, output: Stored, step: { readonly multiplier: number; readonly shift: number; readonly min?: number; readonly max?: number }): ((rows: Rows) => Instruction) | NotLowered {
  const q = output.quantization;
  const x = input?.quantization;
  if (!q || !x || q.dtype === 'int32' || x.dtype === 'int32') return STRANGE;
  const [low, high] = INTEGER_RANGE[q.dtype];
  const bounds = outputBounds(q, step.min ?? low, step.max ?? high);
  if (!bounds) return STRANGE;
  return blend({ ma: step.multiplier, mb: 0, za: x.zeroPoint, zb: 0, shift: step.shift, zeroPoint: q.zeroPoint, bounds, reach: reachOfAll([input]) }) ?? UNPROVED;
}

/** One row of elements, the second operand idle. */
export const oneRow = (x: number, y: number, run: number): Rows => ({ a: x, b: x, y, rows: 1, run, aStep: 0, bStep: 0, yStep: 0 });

const rescaleAttributes = v.looseObject({ multiplier: v.number(), shift: v.number(), min: v.optional(v.number()), max: v.optional(v.number()) });
export const lowerRescale: Lowering = (node) => {
  const { multiplier, shift, min, max } = v.parse(rescaleAttributes, node.attrs);
  const count = sizeOf(node.output.shape);
  if (sizeOf(node.inputs[0]?.shape ?? []) !== count) return STRANGE;
  const write = rescaling(node.inputs[0], node.output, { multiplier, shift, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) });
  return 'reason' in write ? write : { cost: count, instructions: ({ inputs: [x = 0], output }) => [write(oneRow(x, output, count))] };
};

export const lowerTable: Lowering = (node) => {
  const table = node.constants['table']?.data;
  const dtype = node.inputs[0]?.quantization?.dtype;
  const count = sizeOf(node.output.shape);
  if (!(table instanceof Int8Array || table instanceof Int16Array) || !dtype || dtype === 'int32' || sizeOf(node.inputs[0]?.shape ?? []) !== count) return STRANGE;
  const [first, last] = INTEGER_RANGE[dtype];
  if (table.length !== last - first + 1) return STRANGE;
  const address = node.pin(Int16Array.from(table));
  return { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('table', { x, y, table: address, count, first })] };
};
