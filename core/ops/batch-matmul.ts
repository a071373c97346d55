// batch_matmul: the product of two activations [..., M, K] and [..., K, N], either transposed in its last two dimensions, the others broadcast.
// One of them may be a constant; it is quantized over its own range. 8 bits only.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { clamp, INTEGER_RANGE, rescale, rshr } from './arithmetic.ts';
import { quantizeConstant } from './binary.ts';
import { broadcastIndex, broadcastShape } from './broadcast.ts';
import { carried, carrierOf, reach, rescaled, widen } from './exact.ts';
import { define, type ExactWriter, type FloatEmitter, type KernelCall, type NodeView, type Operand, type StoredConstant, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, scaleOf } from './rescaling.ts';

const attributes = v.object({ transposeA: v.boolean(), transposeB: v.boolean() });
type Attributes = v.InferOutput<typeof attributes>;
const planAttributes = v.object({ ...attributes.entries, za: v.number(), zb: v.number(), multiplier: v.number(), shift: v.number() });
/** Products that one sum may take in: sum * m then stays below 2^16 * 2^20 * 2^15 = 2^51. */
const MOST_SUMMED = 2 ** 20;

interface Geometry {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly batch: readonly number[];
}
const matrix = (shape: readonly number[], transposed: boolean): readonly [number, number] => {
  const [rows = 0, columns = 0] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
};
/** Sizes by name. Raises SHAPE_MISMATCH. */
export function geometry({ transposeA, transposeB }: Attributes, a: readonly number[], b: readonly number[], { where }: Pick<NodeView<unknown>, 'where'>): Geometry {
  const [rows, inner] = matrix(a, transposeA);
  const [same, columns] = matrix(b, transposeB);
  if (a.length < 2 || b.length < 2 || inner !== same) throw new RequantError('SHAPE_MISMATCH', `batch_matmul: ${showShape(a)} and ${showShape(b)} do not multiply`, where);
  return { rows, inner, columns, batch: broadcastShape(a.slice(0, -2), b.slice(0, -2), where) };
}
function operands(node: NodeView<unknown>): readonly [Operand, Operand] {
  const [a, b] = node.inputs;
  if (!a || !b) throw new RequantError('MODEL_INVALID', 'batch_matmul needs two inputs', node.where);
  return [a, b];
}
const geometryOf = (node: NodeView<Attributes>): Geometry => { const [a, b] = operands(node); return geometry(node.attrs, a.shape, b.shape, node); };
/** The order of dimensions with the last two exchanged. */
const turned = (rank: number): readonly number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];

export const batchMatmul = define<Attributes>({
  name: 'batch_matmul',
  className: 'BatchMatMul',
  attributes,
  traits: [],
  shapes: (node) => { const g = geometryOf(node); return [[...g.batch, g.rows, g.columns]]; },
  parts: () => ['batch_matmul'],
  precisions: (node) => geometryOf(node).inner > MOST_SUMMED ? { reason: `it adds up more than ${MOST_SUMMED} products` } : ['int8'],
  emit: (node, to) => {
    const sides = operands(node).map(({ shape }, i) => ([node.attrs.transposeA, node.attrs.transposeB][i] ? to.permuted(i, turned(shape.length)) : to.input(i)));
    to.output(0, to.node('MatMul', sides));
  },
  quantize: (node) => {
    const constants: Record<string, Tensor> = {};
    const [qa, qb] = operands(node).map((operand, i) => {
      const given = node.inputQuantization[i];
      if (given) return given;
      const stored = quantizeConstant(operand, node);
      constants[i === 0 ? 'a' : 'b'] = stored.tensor;
      return stored.quantization;
    });
    if (!qa || !qb) throw new RequantError('INTERNAL', 'batch_matmul was given no quantization', node.where);
    return {
      attrs: { ...node.attrs, za: qa.zeroPoint, zb: qb.zeroPoint, ...rescale((qa.scale * qb.scale) / node.outputQuantization.scale) },
      constants, output: node.outputQuantization, activations: [0, 1].filter((i) => node.inputQuantization[i] !== undefined),
    };
  },
  run,
  exact,
  float: (twin) => {
    const { transposeA, transposeB, za, zb, multiplier, shift } = v.parse(planAttributes, twin.attrs);
    const other = scaleOf(twin.inputs[0]?.quantization);
    const { scale: sy } = quantizationOfInput(twin.output.quantization);
    let next = 0;
    const side = (role: string, zeroPoint: number): number | StoredConstant => {
      const stored = twin.constants[role];
      return stored ? { stored, zeroPoint, scale: (multiplier * 2 ** -shift * sy) / other } : next++;
    };
    return { attrs: { transposeA, transposeB }, inputs: [side('a', za), side('b', zb)] };
  },
  macs: (node) => { const g = geometryOf(node); return sizeOf(g.batch) * g.rows * g.inner * g.columns; },
});

/** y = clamp(rshr(sum (a - za) * (b - zb) * m, n) + zy) */
function run(call: KernelCall): Tensor {
  const attrs = v.parse(planAttributes, call.attrs);
  let next = 0;
  const a = call.constants['a'] ?? call.inputs[next++];
  const b = call.constants['b'] ?? call.inputs[next];
  const g = geometry(attrs, a?.shape ?? [], b?.shape ?? [], { where: {} });
  const [x, w] = [integers(a), integers(b)];
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const out = newIntegers(output.dtype, sizeOf(call.outputShape));
  const atA = broadcastIndex(a?.shape.slice(0, -2) ?? [], g.batch);
  const atB = broadcastIndex(b?.shape.slice(0, -2) ?? [], g.batch);
  const [rowStep, innerStepA] = attrs.transposeA ? [1, g.rows] : [g.inner, 1];
  const [innerStepB, columnStep] = attrs.transposeB ? [1, g.inner] : [g.columns, 1];
  let to = 0;
  for (let batch = 0; batch < sizeOf(g.batch); batch++) for (let r = 0; r < g.rows; r++) for (let c = 0; c < g.columns; c++, to++) {
    const from = atA(batch) * g.rows * g.inner + r * rowStep;
    const beside = atB(batch) * g.inner * g.columns + c * columnStep;
    let sum = 0;
    for (let k = 0; k < g.inner; k++) sum += ((x[from + k * innerStepA] ?? 0) - attrs.za) * ((w[beside + k * innerStepB] ?? 0) - attrs.zb);
    out[to] = clamp(rshr(sum * attrs.multiplier, attrs.shift) + output.zeroPoint, min, max);
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

function exact(twin: TwinView): ExactWriter | undefined {
  const attrs = v.parse(planAttributes, twin.attrs);
  let next = 0;
  const sides = (['a', 'b'] as const).map((role) => {
    const zeroPoint = role === 'a' ? attrs.za : attrs.zb;
    const constant = twin.constants[role];
    const input = next;
    const value = constant ?? twin.inputs[next++];
    const most = constant ? carried(constant, zeroPoint).reduce((m, q) => Math.max(m, Math.abs(q)), 0) : reach(twin.inputs[input]?.quantization ?? null);
    const perm = (role === 'a' ? attrs.transposeA : attrs.transposeB) ? turned(value?.shape.length ?? 2) : undefined;
    const name = (to: FloatEmitter): string => {
      if (!constant) return perm ? to.permuted(input, perm) : to.input(input);
      const given = to.constant(float32(constant.shape, carried(constant, zeroPoint)));
      return perm ? to.node('Transpose', [given], { perm }) : given;
    };
    return { shape: value?.shape ?? [], most, name };
  });
  const [a, b] = sides;
  if (!a || !b) return undefined;
  const bound = geometry(attrs, a.shape, b.shape, twin).inner * a.most * b.most;
  const type = carrierOf(bound);
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const write = rescaled(bound, { multiplier: attrs.multiplier, shift: attrs.shift, min, max }, zeroPoint);
  if (!type || !write) return undefined;
  return (to) => to.output(0, write(to, to.node('MatMul', [widen(to, a.name(to), type), widen(to, b.name(to), type)])));
}
