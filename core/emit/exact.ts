// Nodes of a QuantizedGraph -> ONNX in floating point that gives the same integers, bit for bit (core/ops/exact.ts). Inputs and outputs are
// as stored; in between a stored q travels as q - zeroPoint.
import { RequantError } from '../errors/index.ts';
import { storedType, type QuantizedGraph, type QuantizedNode, type QuantizedValue } from '../ir/index.ts';
import { nodeView, operator, type ExactWriter, type TwinView } from '../ops/index.ts';
import { float32, tensor, type Tensor } from '../tensor/tensor.ts';
import { doorsOf } from './doors.ts';
import { emitGraph, type EmittedGraph, type EmittedPort, type Tools } from './emitter.ts';

const valueOf = (graph: QuantizedGraph, name: string): QuantizedValue => {
  const value = graph.values.get(name);
  if (!value) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: name });
  return value;
};

/** The node with its shapes, quantizations and constants, without data. Raises MODEL_INVALID where one is missing. */
export function twinOf(graph: QuantizedGraph, node: QuantizedNode): TwinView {
  const constants = Object.fromEntries(Object.entries(node.constants).map(([role, name]) => {
    const t = graph.constants.get(name);
    if (!t) throw new RequantError('MODEL_INVALID', 'a constant is missing', { node: node.name, tensor: name });
    return [role, t] as const;
  }));
  return {
    attrs: node.attrs, constants, where: { node: node.name },
    inputs: node.inputs.map((name) => valueOf(graph, name)), output: valueOf(graph, node.outputs[0] ?? ''),
  };
}

/** What writes the node; undefined where only its reference kernel is exact. */
export function writerOf(graph: QuantizedGraph, node: QuantizedNode): ExactWriter | undefined {
  const definition = operator(node.op, { node: node.name });
  if (node.kind === 'float' || definition.traits.includes('passThrough')) return (to) => definition.emit(nodeView(graph, node, { node: node.name }), to);
  return definition.exact?.(twinOf(graph, node));
}

/** A value as it is stored, under a name of ONNX. */
export function storedPort(graph: QuantizedGraph, value: string, onnx: string): EmittedPort {
  const found = valueOf(graph, value);
  return { value, onnx, shape: found.shape, dtype: storedType(found) };
}

const TO_FLOAT32 = { to: { int: 1 } };
const TO_FLOAT64 = { to: { int: 11 } };
const STORED = { int8: 3, int16: 5, int32: 6 } as const;

/** From a stored tensor to what travels. */
export function carry(graph: QuantizedGraph, value: string, name: string, { node, constant }: Tools): string {
  const { quantization } = valueOf(graph, value);
  if (!quantization) return name;
  if (quantization.dtype === 'int32') return node('Cast', [name], TO_FLOAT64);
  return node('Sub', [node('Cast', [name], TO_FLOAT32), constant(float32([], [quantization.zeroPoint]))]);
}

/** And back. */
export function store(graph: QuantizedGraph, value: string, name: string, { node, constant }: Tools): string {
  const { quantization } = valueOf(graph, value);
  if (!quantization) return name;
  const zeroPoint: Tensor = quantization.dtype === 'int32' ? tensor('float64', [], Float64Array.of(quantization.zeroPoint)) : float32([], [quantization.zeroPoint]);
  return node('Cast', [node('Add', [name, constant(zeroPoint)])], { to: { int: STORED[quantization.dtype] } });
}

/** `nodes`, in order, from the values named `inputs` to those named `outputs`. Raises INTERNAL for a node that has no writer. */
export function emitExactGraph(graph: QuantizedGraph, nodes: readonly QuantizedNode[], inputs: readonly string[], outputs: readonly string[]): EmittedGraph {
  return emitGraph<QuantizedNode>({
    name: graph.name, nodes, constants: graph.constants,
    shapeOf: (value) => graph.values.get(value)?.shape,
    inputs: inputs.map((value) => storedPort(graph, value, `in:${value}`)),
    outputs: outputs.map((value) => { const { dtype, shape } = storedPort(graph, value, ''); return { value, dtype, shape }; }),
    enter: (port, tools) => carry(graph, port.value, port.onnx, tools),
    leave: (port, name, tools) => store(graph, port.value, name, tools),
    emitNode: (node, to) => {
      const write = writerOf(graph, node);
      if (!write) throw new RequantError('INTERNAL', 'it has no exact form in floating point', { node: node.name });
      write(to);
    },
  });
}

/**
 * A whole model, as a file for any ONNX runtime that computes float32 and float64 in IEEE arithmetic: between its own inputs and outputs every
 * stored integer is the one that the reference gives. Raises OPERATOR_UNSUPPORTED, naming a node that is not proved to be exact in floating point.
 */
export function emitExactModel(graph: QuantizedGraph): EmittedGraph {
  const doors = doorsOf(graph);
  return emitGraph<QuantizedNode>({
    name: graph.name, nodes: graph.nodes, constants: graph.constants,
    shapeOf: (value) => graph.values.get(value)?.shape,
    ...doors,
    outputs: doors.outputs.map((port) => ({ ...port, dtype: valueOf(graph, port.value).quantization?.dtype ?? port.dtype })),
    enter: (port, tools) => carry(graph, port.value, doors.enter(port, tools), tools),
    leave: (port, name, tools) => doors.leave(port, store(graph, port.value, name, tools), tools),
    emitNode: (node, to) => {
      const write = writerOf(graph, node);
      if (!write) throw new RequantError('OPERATOR_UNSUPPORTED', `${node.op} is not proved to be exact inside floating point`, { node: node.name }, { hint: 'Leave this node unquantized, or at int8.' });
      write(to);
    },
  });
}
