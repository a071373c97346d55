// One node on its own, quantized and run by its exact kernel, or emitted and run in ONNX Runtime: what the operators' tests share.
import { createFloatSession, weightLoops } from '../core/execute/index.ts';
import type { ActivationQuantization, Graph, Precision } from '../core/ir/index.ts';
import { dequantizeTensor, INTEGER_RANGE, operator, quantizationOf, quantizeTensor, type IntegerPlan, type KernelCall, type QuantizeSettings } from '../core/ops/index.ts';
import { allocate, float32, numeric, sizeOf, type Tensor } from '../core/tensor/tensor.ts';

export type Attributes = Readonly<Record<string, unknown>>;
export interface OperandGiven {
  readonly tensor: Tensor<'float32'>;
  readonly constant: boolean;
}
export const given = (tensor: Tensor<'float32'>): OperandGiven => ({ tensor, constant: false });
export const fixed = (tensor: Tensor<'float32'>): OperandGiven => ({ tensor, constant: true });

export const SETTINGS: QuantizeSettings = { precision: 'int8', perChannelWeights: true, asymmetricActivations: true, requantization: 'sima', outputInt32: false, biasCorrection: false, weightRounding: 'squant' };

/** Numbers in (0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
export const randomTensor = (shape: readonly number[], next: () => number, low: number, high: number): Tensor<'float32'> =>
  float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()));

/** The quantization of exactly the values given. */
export function spanning(values: Iterable<number>, precision: Precision, asymmetric: boolean): ActivationQuantization {
  let min = Infinity;
  let max = -Infinity;
  for (const x of values) { min = Math.min(min, x); max = Math.max(max, x); }
  return quantizationOf(min, max, precision, asymmetric);
}

const describe = (operands: readonly OperandGiven[]) => operands.map(({ tensor, constant }, i) => ({ name: `i${i}`, shape: tensor.shape, ...(constant ? { constant: tensor } : {}) }));

export interface IntegerRun {
  readonly result: Tensor;
  readonly call: KernelCall;
  readonly plan: IntegerPlan;
  readonly outputShape: readonly number[];
  /** The inputs as the kernel sees them, in real numbers. */
  readonly seen: readonly Float64Array[];
}

/** Each activation is quantized over its own range; a pass-through operator keeps the first one's, as it does in a graph. */
export function integerRun(op: string, attrs: Attributes, operands: readonly OperandGiven[], output: ActivationQuantization, settings: QuantizeSettings, means?: Float64Array): IntegerRun {
  const definition = operator(op);
  const inputQuantization = operands.map(({ tensor, constant }) => (constant ? undefined : spanning(tensor.data, settings.precision, settings.asymmetricActivations)));
  const view = { attrs: attrs as never, inputs: describe(operands), where: {} };
  const [outputShape = []] = definition.shapes(view);
  const outputQuantization = (definition.traits.includes('passThrough') ? inputQuantization[0] : undefined) ?? output;
  const plan = definition.quantize?.({ ...view, settings, loops: weightLoops, inputQuantization, outputQuantization, ...(means ? { inputMeans: means } : {}) });
  if (!plan || !definition.run) throw new Error(`${op} has no integer form`);
  const quantizations = plan.activations.map((i) => inputQuantization[i] as ActivationQuantization);
  const inputs = plan.activations.map((i, k) => quantizeTensor(operands[i]?.tensor as Tensor, quantizations[k] as ActivationQuantization));
  const call: KernelCall = { attrs: plan.attrs, constants: plan.constants, outputShape, outputQuantization: plan.output, inputs, inputQuantization: quantizations };
  const seen = inputs.map((t, k) => Float64Array.from(t.data as ArrayLike<number>, (q) => (quantizations[k]?.scale ?? 1) * (q - (quantizations[k]?.zeroPoint ?? 0))));
  return { result: definition.run(call), call, plan, outputShape, seen };
}

/** What the stored integers of a run mean. */
export const realOf = ({ result, plan }: IntegerRun): Float32Array => dequantizeTensor(result, plan.output).data as Float32Array;

/** The node's float form in ONNX Runtime. */
export async function floatRun(op: string, attrs: Attributes, operands: readonly OperandGiven[]): Promise<Tensor> {
  const inputs = describe(operands);
  const [shape = []] = operator(op).shapes({ attrs: attrs as never, inputs, where: {} });
  const names = inputs.map((input) => input.name);
  const value = (name: string, dims: readonly number[]) => ({ name, shape: dims, dtype: 'float32' as const });
  const activations = inputs.filter((input) => !('constant' in input));
  const graph: Graph = {
    name: op, format: 'onnx',
    inputs: activations.map((input) => ({ ...value(input.name, input.shape), value: input.name })), outputs: [{ ...value('y', shape), value: 'y' }],
    values: new Map([...activations.map((input) => [input.name, value(input.name, input.shape)] as const), ['y', value('y', shape)]]),
    constants: new Map(operands.flatMap(({ tensor, constant }, i) => (constant ? [[`i${i}`, tensor] as const] : []))),
    nodes: [{ op, attrs, inputs: names, outputs: ['y'], sources: [] }],
  };
  const session = await createFloatSession(graph, ['y']);
  const results = await session.run(Object.fromEntries(operands.flatMap(({ tensor, constant }, i) => (constant ? [] : [[`i${i}`, tensor] as const]))));
  await session.release();
  const { y } = results;
  if (!y) throw new Error('nothing came out');
  return numeric(y);
}

export interface OperandShape {
  readonly shape: readonly number[];
  /** Drawn as real numbers in (-1, 1) instead of stored ones. */
  readonly constant?: true;
}
/** One node on stored integers of which a third are extreme, with scales from 2^-8 to 1 and any zero points. */
export function extremeRun(op: string, attrs: Attributes, operands: readonly OperandShape[], next: () => number, precision: Precision): Pick<IntegerRun, 'call' | 'result'> {
  const definition = operator(op);
  const [low, high] = INTEGER_RANGE[precision];
  const between = (): number => Math.round(low + (high - low) * next());
  const quantization = (): ActivationQuantization => ({ dtype: precision, scale: 2 ** (-8 * next()), zeroPoint: next() < 0.2 ? 0 : between() });
  const given = operands.map(({ shape, constant }, i) => ({ name: `i${i}`, shape, ...(constant ? { constant: randomTensor(shape, next, -1, 1) } : {}) }));
  const inputQuantization = operands.map(({ constant }) => (constant ? undefined : quantization()));
  const view = { attrs: attrs as never, inputs: given, where: {} };
  const [outputShape = []] = definition.shapes(view);
  const outputQuantization = (definition.traits.includes('passThrough') ? inputQuantization[0] : undefined) ?? quantization();
  const plan = definition.quantize?.({ ...view, settings: { ...SETTINGS, precision }, loops: weightLoops, inputQuantization, outputQuantization });
  if (!plan || !definition.run) throw new Error(`${op} has no integer form`);
  const extreme = (): number => { const r = next(); return r < 0.17 ? low : r < 0.34 ? high : between(); };
  const inputs = plan.activations.map((i): Tensor => {
    const { shape } = operands[i] ?? { shape: [] };
    const data = allocate(precision, sizeOf(shape));
    for (let k = 0; k < data.length; k++) data[k] = extreme();
    return { dtype: precision, shape, data };
  });
  const call: KernelCall = { attrs: plan.attrs, constants: plan.constants, outputShape, outputQuantization: plan.output, inputs, inputQuantization: plan.activations.map((i) => inputQuantization[i] ?? null) };
  return { call, result: definition.run(call) };
}
