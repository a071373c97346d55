// A graph that arrived quantized (TFLite) -> QuantizedGraph with the scales that its file brings, in TensorFlow Lite's own arithmetic.
import { RequantError } from '../errors/index.ts';
import { consumersOf, partitionNumbers, producersOf, type ActivationQuantization, type Graph, type Node, type PartitionedGraph, type PlacedNode, type Precision, type QuantizedGraph, type QuantizedNode, type QuantizedValue } from '../ir/index.ts';
import { tfliteLacks, tfliteRequantizeAttributes, tfliteTwin, type ArrivedOperand, type TfliteTwin } from '../ops/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatNode, unquantized } from './unquantized.ts';

/** Where requantization follows: shift-only on the accelerator, or TensorFlow Lite's reference kernels. */
export const QuantizationFlavor = { sima: 'sima', tflite: 'tflite' } as const;
export type QuantizationFlavor = keyof typeof QuantizationFlavor;

/** uint8 is int8, 128 lower. */
const UNSIGNED_OFFSET = 128;

/** Is this node the file's QUANTIZE or DEQUANTIZE? In the imported graph both only rename. */
const isSource = (node: Node | undefined, type: 'QUANTIZE' | 'DEQUANTIZE'): boolean => node?.op === 'reshape' && node.sources.some((source) => source.type === type);

/**
 * How the file stores a value, as int8 or int16; a float value, or one of another type, as the QUANTIZE behind it stores it. Raises CONFIG_INVALID for a graph that did not arrive quantized,
 * OPERATOR_UNSUPPORTED for a value of another type or, where a precision is given, of another precision.
 */
export function arrivedQuantization(graph: Graph): (value: string, precision?: Precision) => ActivationQuantization {
  const { stored, name: file } = graph;
  if (!stored) throw new RequantError('CONFIG_INVALID', 'this model did not arrive quantized', { file }, { hint: 'Quantize a float model with samples.' });
  const consumers = consumersOf(graph.nodes);
  return function find(value, precision): ActivationQuantization {
    const found = stored.get(value);
    const dtype = found?.dtype === 'uint8' ? 'int8' : found?.dtype;
    if (found && (dtype === 'int8' || dtype === 'int16') && dtype === (precision ?? dtype) && found.scales.length === 1) {
      const zeroPoint = (found.zeroPoints[0] ?? 0) - (found.dtype === 'uint8' ? UNSIGNED_OFFSET : 0);
      const scale = found.scales[0] ?? 0;
      const [lowest, highest] = dtype === 'int8' ? [-128, 127] : [0, 0];
      if (!(scale > 0 && Number.isFinite(scale)) || zeroPoint < lowest || zeroPoint > highest) throw new RequantError('MODEL_INVALID', `scale ${scale} and zero point ${zeroPoint} are not possible`, { file, tensor: value });
      return { dtype, scale, zeroPoint };
    }
    const behind = consumers.get(value)?.find((node) => isSource(node, 'QUANTIZE') && stored.get(node.outputs[0] ?? '')?.dtype !== found?.dtype);
    if (behind) return find(behind.outputs[0] ?? '', precision);
    throw new RequantError('OPERATOR_UNSUPPORTED', `the file stores it as ${found?.dtype ?? 'float32'}; activations of ${precision ?? 'int8 or int16'} with one scale are converted`, { file, tensor: value });
  };
}

/**
 * The imported graph node by node, none fused or folded, so that every tensor of the file is there. Names are those of `placed` where its node gives the same
 * value. Raises OPERATOR_UNSUPPORTED naming the node.
 */
export function quantizeAsArrived(graph: Graph, placed: PartitionedGraph): QuantizedGraph {
  const build = startBuilding(graph, producersOf(placed.nodes));
  for (const { value } of graph.inputs) {
    build.values.set(value, unquantized(graph, value));
    if (!graph.stored?.has(value)) continue;
    const quantization = build.quantizationOf(value);
    const inside = `${value}:${quantization.dtype}`;
    addConversion(build, 'quantize', 'quantize', { name: `door/${value}:quantize`, from: value, to: inside, quantization, like: value });
    build.held.set(value, inside);
  }
  for (const node of graph.nodes) addNode(build, node);
  const outputs = graph.outputs.map((port) => {
    if (!graph.stored?.has(port.value)) return port;
    const outside = `${port.value}:float32`;
    if (!build.values.has(outside)) addConversion(build, 'dequantize', 'dequantize', { name: `door/${port.value}:dequantize`, from: inputOf(build, port.value), to: outside, quantization: null, like: port.value });
    return { ...port, value: outside };
  });
  const { values, constants } = build;
  const partitions = partitionNumbers(build.nodes, (node) => node.unit);
  return { name: placed.name, inputs: graph.inputs, outputs, values, constants, notices: [], nodes: build.nodes.map((node) => ({ ...node, partition: partitions.get(node) ?? 0 })) };
}

interface Building {
  readonly graph: Graph;
  readonly quantizationOf: (value: string) => ActivationQuantization;
  /** The placed node that gives a value. */
  readonly placed: ReadonlyMap<string, PlacedNode>;
  readonly values: Map<string, QuantizedValue>;
  readonly constants: Map<string, Tensor>;
  readonly nodes: Omit<QuantizedNode, 'partition'>[];
  /** The integers of a stored input, which is fed real numbers. */
  readonly held: Map<string, string>;
}
const startBuilding = (graph: Graph, placed: ReadonlyMap<string, PlacedNode>): Building =>
  ({ graph, placed, quantizationOf: arrivedQuantization(graph), values: new Map(), constants: new Map(), nodes: [], held: new Map() });

const shapeOf = (graph: Graph, value: string): readonly number[] => graph.values.get(value)?.shape ?? [];
const inputOf = (build: Building, value: string): string => build.held.get(value) ?? value;

interface Conversion {
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly quantization: ActivationQuantization | null;
  /** The value whose shape it has. */
  readonly like: string;
}
function addConversion(build: Building, kind: 'quantize' | 'dequantize' | 'requantize', op: string, { name, from, to, quantization, like, attrs = {} }: Conversion): void {
  build.values.set(to, { name: to, shape: shapeOf(build.graph, like), quantization });
  build.nodes.push({ name, kind, op, unit: 'MLA', attrs, inputs: [from], outputs: [to], constants: {}, precision: null, identity: `${from}:${kind}` });
}

function addNode(build: Building, node: Node): void {
  const { graph, placed } = build;
  const [output = ''] = node.outputs;
  const name = placed.get(output)?.name ?? `MLA_0/${node.op}:${output}`;
  const isStored = (value: string): boolean => graph.stored?.has(value) ?? false;
  const activations = node.inputs.filter((input) => graph.values.has(input));
  const [from = ''] = activations;
  try {
    if (isSource(node, 'QUANTIZE') && !isStored(from)) {
      addConversion(build, 'quantize', 'tflite_quantize', { name, from, to: output, quantization: build.quantizationOf(output), like: output });
    } else if (isSource(node, 'DEQUANTIZE') && isStored(from)) {
      addConversion(build, 'dequantize', 'dequantize', { name, from: inputOf(build, from), to: output, quantization: null, like: output });
    } else if (isSource(node, 'QUANTIZE') && build.quantizationOf(from).dtype !== build.quantizationOf(output).dtype) {
      addRequantization(build, name, from, output);
    } else if (![...activations, ...node.outputs].some(isStored)) addFloat(build, node, name);
    else addInteger(build, node, name);
  } catch (error) {
    throw RequantError.from(error).within({ node: name });
  }
}

/** QUANTIZE from one type to another: TensorFlow Lite has it from int16 to int8. */
function addRequantization(build: Building, name: string, from: string, to: string): void {
  const [source, target] = [from, to].map((value) => build.graph.stored?.get(value)?.dtype);
  if (source !== 'int16' || target !== 'int8') throw new RequantError('OPERATOR_UNSUPPORTED', `TensorFlow Lite has no QUANTIZE from ${source ?? ''} to ${target ?? ''}`);
  const quantization = build.quantizationOf(to);
  addConversion(build, 'requantize', 'tflite_requantize', { name, from: inputOf(build, from), to, quantization, like: to, attrs: tfliteRequantizeAttributes(build.quantizationOf(from).scale, quantization.scale) });
}

function addFloat({ graph, placed, values, constants, nodes }: Building, node: Node, name: string): void {
  for (const input of node.inputs) { const t = graph.constants.get(input); if (t) constants.set(input, t); }
  for (const output of node.outputs) values.set(output, unquantized(graph, output));
  const [output = ''] = node.outputs;
  nodes.push(floatNode(node, node.inputs, { name, identity: placed.get(output)?.identity ?? output }));
}

/** The file's own name for the operator. */
const typeOf = (node: Node): string => node.sources[0]?.type ?? node.op;

function addInteger(build: Building, node: Node, name: string): void {
  const { graph, placed, values, constants, nodes, quantizationOf } = build;
  const [output = ''] = node.outputs;
  const twin = tfliteTwin(node.op, node.attrs);
  const mixed = [...node.inputs, output].find((value) => graph.values.has(value) && !graph.stored?.has(value));
  if (!twin || (mixed !== undefined && !twin.operator.traits.includes('positions'))) throw new RequantError('OPERATOR_UNSUPPORTED', `${typeOf(node)} has no form in TensorFlow Lite's arithmetic yet`);
  const inputs = node.inputs.map((input) => operandOf(graph, input, quantizationOf));
  // A position is no stored number: it is real on the way to what the file makes of it.
  const positions = twin.operator.traits.includes('positions');
  const quantization = quantizationOf(positions ? node.inputs[0] ?? '' : output);
  const given = positions ? `${output}:int32` : output;
  checkTypes(build, node, twin, [quantization, ...inputs.flatMap((input) => input?.quantization ?? [])]);
  if (node.op === 'reshape') checkReshape(node, inputs[0]?.quantization, quantization);
  const plan = twin.plan({ attrs: node.attrs, inputs, output: quantization, unsigned: graph.stored?.get(output)?.dtype === 'uint8', source: typeOf(node) });
  const roles = Object.fromEntries(Object.entries(plan.constants).map(([role, t]) => { constants.set(`${output}/${role}`, t); return [role, `${output}/${role}`]; }));
  values.set(given, { name: given, shape: shapeOf(graph, output), quantization: plan.output });
  nodes.push({
    name, kind: 'integer', op: twin.operator.name, unit: 'MLA', attrs: plan.attrs, outputs: [given], constants: roles, precision: quantization.dtype,
    inputs: plan.activations.map((i) => inputOf(build, node.inputs[i] ?? '')), identity: placed.get(output)?.identity ?? output,
  });
  if (positions) addConversion(build, 'dequantize', 'dequantize', { name: `${name}:dequantize`, from: given, to: output, quantization: null, like: output });
}

/** All activations are of one type, and TensorFlow Lite has a kernel of it, and so have we. */
function checkTypes({ graph }: Building, node: Node, twin: TfliteTwin, activations: readonly ActivationQuantization[]): void {
  const type = typeOf(node);
  const [{ dtype } = { dtype: 'int8' }] = activations;
  if (activations.some((x) => x.dtype !== dtype)) throw new RequantError('OPERATOR_UNSUPPORTED', `${type} between int8 and int16`);
  const stored = graph.stored?.get(node.inputs.find((input) => graph.stored?.has(input)) ?? '')?.dtype ?? '';
  if (tfliteLacks(type, stored)) throw new RequantError('OPERATOR_UNSUPPORTED', `TensorFlow Lite has no ${type} of ${stored}`);
  if (dtype === 'int16' && !twin.int16) throw new RequantError('OPERATOR_UNSUPPORTED', `${type} of int16 has no form in TensorFlow Lite's arithmetic yet`);
}

/** TensorFlow Lite copies what a reshape reads: only QUANTIZE, a reshape here, may store it anew. */
function checkReshape(node: Node, from: ActivationQuantization | undefined, to: ActivationQuantization): void {
  if (isSource(node, 'QUANTIZE')) return;
  if (from?.scale !== to.scale || from.zeroPoint !== to.zeroPoint) throw new RequantError('OPERATOR_UNSUPPORTED', `${typeOf(node)} moves integers, but its sides are stored with different scales`);
}

function operandOf(graph: Graph, name: string, quantizationOf: (value: string) => ActivationQuantization): ArrivedOperand | undefined {
  if (name === '') return undefined;
  const constant = graph.constants.get(name);
  if (!constant) return { name, shape: shapeOf(graph, name), quantization: quantizationOf(name) };
  const operand = { name, shape: constant.shape, constant };
  const stored = graph.stored?.get(name);
  if (!stored) return operand;
  const { scales, dtype, zeroPoints } = stored;
  const zeroPoint = (zeroPoints[0] ?? 0) - (dtype === 'uint8' ? UNSIGNED_OFFSET : 0);
  return { ...operand, centred: { scales, zeroPoint, integers: stored.integers ?? centred(constant, scales, dtype === 'int8' && zeroPoints.every((z) => z === 0)) } };
}

/** q - zeroPoint, from q's real number: exact, as float32 holds far more than the 9 bits of a difference. Scales are one an output channel. */
function centred(t: Tensor, scales: readonly number[], fits: boolean): Tensor {
  const inner = t.data.length / (t.shape[0] ?? 1);
  const integer = (x: number | bigint, i: number): number => Math.round(Number(x) / ((scales.length === 1 ? scales[0] : scales[Math.floor(i / inner)]) ?? 1)) + 0;
  const numbers = Array.from(t.data as ArrayLike<number>, integer);
  return fits ? { dtype: 'int8', shape: t.shape, data: Int8Array.from(numbers) } : { dtype: 'int16', shape: t.shape, data: Int16Array.from(numbers) };
}
