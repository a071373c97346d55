// A graph that arrived quantized (TFLite) -> QuantizedGraph with the scales that its file brings, in TensorFlow Lite's own arithmetic.
import { RequantError } from '../errors/index.ts';
import { consumersOf, partitionNumbers, producersOf, type ActivationQuantization, type Graph, type Node, type PartitionedGraph, type Precision, type QuantizedGraph, type QuantizedNode, type QuantizedValue } from '../ir/index.ts';
import { TFLITE_TWINS, type ArrivedOperand } from '../ops/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Where requantization follows: shift-only on the accelerator, or TensorFlow Lite's reference kernels. */
export const QuantizationFlavor = { sima: 'sima', tflite: 'tflite' } as const;
export type QuantizationFlavor = keyof typeof QuantizationFlavor;

/** uint8 is int8, 128 lower. */
const UNSIGNED_OFFSET = 128;

/** How the file stores a value, as int8. Raises CONFIG_INVALID for a graph that did not arrive quantized, OPERATOR_UNSUPPORTED for a value that is not 8 bits. */
export function arrivedQuantization(graph: Graph): (value: string, precision?: Precision) => ActivationQuantization {
  const { stored, name: file } = graph;
  if (!stored) throw new RequantError('CONFIG_INVALID', 'this model did not arrive quantized', { file }, { hint: 'Quantize a float model with samples.' });
  const consumers = consumersOf(graph.nodes);
  return function find(value, precision = 'int8'): ActivationQuantization {
    const found = stored.get(value);
    if (found && precision === 'int8' && (found.dtype === 'int8' || found.dtype === 'uint8') && found.scales.length === 1) {
      const zeroPoint = (found.zeroPoints[0] ?? 0) - (found.dtype === 'uint8' ? UNSIGNED_OFFSET : 0);
      const scale = found.scales[0] ?? 0;
      if (!(scale > 0 && Number.isFinite(scale)) || zeroPoint < -128 || zeroPoint > 127) throw new RequantError('MODEL_INVALID', `scale ${scale} and zero point ${zeroPoint} are not possible`, { file, tensor: value });
      return { dtype: 'int8', scale, zeroPoint };
    }
    // What importing put before a reshape is stored as what comes out of it.
    const [only, second] = consumers.get(value) ?? [];
    if (!found && only?.op === 'reshape' && !second) return find(only.outputs[0] ?? '', precision);
    throw new RequantError('OPERATOR_UNSUPPORTED', `the file stores it as ${found?.dtype ?? 'float32'}; 8-bit activations with one scale are converted`, { file, tensor: value });
  };
}

/**
 * The imported graph node by node, none fused or folded, so that every tensor of the file is there. Names are those of `placed` where its node gives the same
 * value. Raises OPERATOR_UNSUPPORTED naming the node.
 */
export function quantizeAsArrived(graph: Graph, placed: PartitionedGraph): QuantizedGraph {
  const quantizationOf = arrivedQuantization(graph);
  const names = producersOf(placed.nodes);
  const unsigned = [...graph.inputs, ...graph.outputs].some((port) => graph.stored?.get(port.value)?.dtype === 'uint8')
    && ![...graph.values.keys()].some((value) => graph.stored?.get(value)?.dtype === 'int8');
  const values = new Map<string, QuantizedValue>();
  const constants = new Map<string, Tensor>();
  const nodes: Omit<QuantizedNode, 'partition'>[] = [];
  const shapeOf = (value: string): readonly number[] => graph.values.get(value)?.shape ?? [];
  const conversion = (kind: 'quantize' | 'dequantize', from: string, to: string): void => {
    nodes.push({ name: `door/${from}:${kind}`, kind, op: kind, unit: 'MLA', attrs: {}, inputs: [from], outputs: [to], constants: {}, precision: null, identity: `${from}:${kind}` });
  };
  const held = new Map<string, string>();
  for (const { value } of graph.inputs) {
    const inside = `${value}:int8`;
    values.set(value, { name: value, shape: shapeOf(value), quantization: null });
    values.set(inside, { name: inside, shape: shapeOf(value), quantization: quantizationOf(value) });
    held.set(value, inside);
    conversion('quantize', value, inside);
  }
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    const like = names.get(output);
    const name = like?.name ?? `MLA_0/${node.op}:${output}`;
    try {
      const twin = Object.hasOwn(TFLITE_TWINS, node.op) ? TFLITE_TWINS[node.op] : undefined;
      if (!twin) throw new RequantError('OPERATOR_UNSUPPORTED', `${node.op} has no form in TensorFlow Lite's arithmetic yet`);
      const inputs = node.inputs.map((input) => operandOf(graph, input, quantizationOf));
      const quantization = quantizationOf(output);
      if (node.op === 'reshape') checkReshape(node, inputs[0]?.quantization, quantization);
      const plan = twin.plan({ attrs: node.attrs, inputs, output: quantization, unsigned });
      const roles = Object.fromEntries(Object.entries(plan.constants).map(([role, t]) => { constants.set(`${output}/${role}`, t); return [role, `${output}/${role}`]; }));
      values.set(output, { name: output, shape: shapeOf(output), quantization: plan.output });
      nodes.push({
        name, kind: 'integer', op: twin.operator.name, unit: 'MLA', attrs: plan.attrs, outputs: [output], constants: roles, precision: 'int8',
        inputs: plan.activations.map((i) => { const input = node.inputs[i] ?? ''; return held.get(input) ?? input; }), identity: like?.identity ?? output,
      });
    } catch (error) {
      throw RequantError.from(error).within({ node: name });
    }
  }
  const outputs = graph.outputs.map((port) => {
    const outside = `${port.value}:float32`;
    if (!values.has(outside)) conversion('dequantize', held.get(port.value) ?? port.value, outside);
    values.set(outside, { name: outside, shape: shapeOf(port.value), quantization: null });
    return { ...port, value: outside };
  });
  const partitions = partitionNumbers(nodes, (node) => node.unit);
  return { name: placed.name, inputs: graph.inputs, outputs, values, constants, notices: [], nodes: nodes.map((node) => ({ ...node, partition: partitions.get(node) ?? 0 })) };
}

/** TensorFlow Lite copies what a reshape reads: only QUANTIZE, a reshape here, may store it anew. */
function checkReshape(node: Node, from: ActivationQuantization | undefined, to: ActivationQuantization): void {
  if (node.sources.some(({ type }) => type === 'QUANTIZE')) return;
  if (from?.scale !== to.scale || from.zeroPoint !== to.zeroPoint) throw new RequantError('OPERATOR_UNSUPPORTED', 'a reshape whose sides are stored with different scales');
}

function operandOf(graph: Graph, name: string, quantizationOf: (value: string) => ActivationQuantization): ArrivedOperand | undefined {
  if (name === '') return undefined;
  const constant = graph.constants.get(name);
  if (!constant) return { name, shape: graph.values.get(name)?.shape ?? [], quantization: quantizationOf(name) };
  const operand = { name, shape: constant.shape, constant };
  const stored = graph.stored?.get(name);
  if (!stored) return operand;
  if (stored.integers) return { ...operand, centred: { integers: stored.integers, scales: stored.scales } };
  return { ...operand, centred: { integers: centred(constant, stored.scales, stored.dtype === 'int8' && stored.zeroPoints.every((z) => z === 0)), scales: stored.scales } };
}

/** q - zeroPoint, from q's real number: exact, as float32 holds far more than the 9 bits of a difference. Scales are one an output channel. */
function centred(t: Tensor, scales: readonly number[], fits: boolean): Tensor {
  const inner = t.data.length / (t.shape[0] ?? 1);
  const integer = (x: number | bigint, i: number): number => Math.round(Number(x) / ((scales.length === 1 ? scales[0] : scales[Math.floor(i / inner)]) ?? 1)) + 0;
  const numbers = Array.from(t.data as ArrayLike<number>, integer);
  return fits ? { dtype: 'int8', shape: t.shape, data: Int8Array.from(numbers) } : { dtype: 'int16', shape: t.shape, data: Int16Array.from(numbers) };
}
