// The product of two activations on the kernels: both are packed about their zero points, then multiplied. Either may be a constant.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { broadcastIndex, INTEGER_RANGE, matmulGeometry, reducedMultiplier } from '../../ops/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { halfStep, INT32_LIMIT, INT8_REACH, isShift, rounding, roundsExactly } from './bounds.ts';
import { STRANGE, UNPROVED, type Lowering, type NodeShape, type NotLowered } from './lowering.ts';

const zero = v.pipe(v.number(), v.safeInteger(), v.minValue(-128), v.maxValue(127));
const FORM = { rounded: 0, twice: 1, once: 2 } as const;
const attributes = v.looseObject({ transposeA: v.boolean(), transposeB: v.boolean(), za: zero, zb: zero, multiplier: v.pipe(v.number(), v.safeInteger()), shift: v.number() });

const [TILE_ROWS, TILE_COLUMNS] = [5, 8];
const FLUSH_PAIRS = Math.floor(INT32_LIMIT / (2 * INT8_REACH * INT8_REACH));

interface Side {
  readonly shape: readonly number[];
  /** Among the node's inputs, or the address of a pinned constant. */
  readonly input?: number;
  readonly pinned?: number;
}
function sidesOf(node: NodeShape, dtype: 'int8' | 'int16'): readonly [Side, Side] | undefined {
  let next = 0;
  const side = (role: string): Side | undefined => {
    const constant = node.constants[role];
    if (constant) return constant.dtype === dtype ? { shape: constant.shape, pinned: node.pin(Int16Array.from(constant.data as Int8Array | Int16Array)) } : undefined;
    const input = next++;
    return node.inputs[input]?.quantization?.dtype === dtype ? { shape: node.inputs[input].shape, input } : undefined;
  };
  const [a, b] = [side('a'), side('b')];
  return a && b && next === node.inputs.length ? [a, b] : undefined;
}

/** How a sum of `count` products is finished. */
type Prove = (count: number, step: { readonly multiplier: number; readonly shift: number }) => { readonly scale: number; readonly offset: number; readonly form: number; readonly multiplier?: number; readonly shift?: number } | NotLowered;

const matmulBy = (prove: Prove, dtype: 'int8' | 'int16' = 'int8'): Lowering => (node) => {
  const attrs = v.parse(attributes, node.attrs);
  const sides = sidesOf(node, dtype);
  const output = node.output.quantization;
  // Beside int16 nothing is taken off, so that 16-bit lanes hold it.
  if (!sides || !output || output.dtype === 'int32' || (dtype === 'int16' && (attrs.za !== 0 || attrs.zb !== 0))) return STRANGE;
  const [a, b] = sides;
  const g = matmulGeometry(attrs, a.shape, b.shape, { where: {} });
  const matrices = sizeOf(g.batch);
  if (!sameShape(node.output.shape, [...g.batch, g.rows, g.columns]) || matrices * g.rows * g.columns * g.inner === 0) return STRANGE;
  const finish = prove(g.inner, attrs);
  if ('reason' in finish) return finish;
  const [manyA, manyB] = [a, b].map(({ shape }) => sizeOf(shape.slice(0, -2))) as [number, number];
  const [atA, atB] = [a, b].map(({ shape }) => broadcastIndex(shape.slice(0, -2), g.batch)) as [(i: number) => number, (i: number) => number];
  const places = node.pin(Int32Array.from({ length: matrices * 2 }, (_, i) => (i % 2 === 0 ? atA : atB)(i >> 1)));
  const filled = dtype === 'int8' ? 2 : 1;
  const pairs = Math.ceil(g.inner / filled);
  const tiles = [Math.ceil(g.rows / TILE_ROWS) * TILE_ROWS * manyA, Math.ceil(g.columns / TILE_COLUMNS) * TILE_COLUMNS * manyB];
  const [min, max] = INTEGER_RANGE[output.dtype];
  const bounds = { min, max };
  const packing = [
    { matrices: manyA, lines: g.rows, inner: g.inner, ...(attrs.transposeA ? { lineStep: 2, innerStep: g.rows * 2 } : { lineStep: g.inner * 2, innerStep: 2 }), zero: attrs.za, lanes: TILE_ROWS, filled },
    { matrices: manyB, lines: g.columns, inner: g.inner, ...(attrs.transposeB ? { lineStep: g.inner * 2, innerStep: 2 } : { lineStep: 2, innerStep: g.columns * 2 }), zero: attrs.zb, lanes: TILE_COLUMNS, filled },
  ] as const;
  const scratchBytes = 192 + 384;
  return {
    cost: matrices * g.rows * g.columns * g.inner, scratchBytes, temporaries: tiles.map((lines) => lines * pairs * 4),
    instructions: ({ inputs, output: y, scratch, temporaries: [left = 0, right = 0] }) => {
      const source = (side: Side): number => side.pinned ?? inputs[side.input ?? 0] ?? 0;
      return [
        instruction('pack', { ...packing[0], x: source(a), y: left }), instruction('pack', { ...packing[1], x: source(b), y: right }),
        instruction('matmul', {
          multiplier: attrs.multiplier, shift: attrs.shift, ...finish, ...rounding(output.zeroPoint, bounds), ...bounds, a: left, b: right, y, places, matrices, rows: g.rows, columns: g.columns, pairs,
          flushPairs: dtype === 'int8' ? FLUSH_PAIRS : 1, zeroPoint: output.zeroPoint, scratch, scratchBytes,
        }),
      ];
    },
  };
};

/** y = clamp(rshr(sum (a - za) * (b - zb) * m, n) + zy) */
export const lowerMatmul = matmulBy((count, { multiplier, shift }) => {
  if (!isShift(shift) || !roundsExactly(count * INT8_REACH * INT8_REACH * Math.abs(multiplier))) return UNPROVED;
  return { scale: multiplier * 2 ** -shift, offset: halfStep(shift), form: FORM.rounded };
});
const lowerTfliteInt8 = matmulBy((count, { multiplier, shift }) => {
  if (multiplier < 0 || multiplier > INT32_LIMIT || !Number.isInteger(shift) || shift < -31 || shift > 30) return STRANGE;
  return count * INT8_REACH * INT8_REACH > INT32_LIMIT ? UNPROVED : { scale: 0, offset: 0, form: FORM.twice };
});
/** Sums within 47 bits, times the multiplier's upper half. */
const lowerTfliteInt16 = matmulBy((count, { multiplier, shift }) => {
  if (multiplier < 0 || multiplier > INT32_LIMIT || !Number.isInteger(shift) || shift < -31 || shift > 7) return STRANGE;
  return count * 2 ** 30 >= 2 ** 47 ? UNPROVED : { scale: 0, offset: 0, form: FORM.once, multiplier: reducedMultiplier(multiplier), shift: 15 - shift };
}, 'int16');
export const lowerTfliteMatmul: Lowering = (node) => (node.output.quantization?.dtype === 'int16' ? lowerTfliteInt16 : lowerTfliteInt8)(node);
