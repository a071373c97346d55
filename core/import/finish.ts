// The end of every import: what nothing needs is dropped, and what stays is held against the operators' own definitions,
// so that no later stage has to doubt a graph that came from a file.
import { RequantError } from '../errors/index.ts';
import type { Graph, Node, Value } from '../ir/index.ts';
import { checkAttributes, nodeView, operator } from '../ops/index.ts';
import { inAnyOrder, isFloat32, sameShape, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';

/** The largest activation: 2^31 elements. */
const LARGEST = 2 ** 31;

/** Raises MODEL_INVALID or OPERATOR_UNSUPPORTED naming the node or tensor. `file` is for the errors. */
export function finishGraph(graph: Graph, file: string): Graph {
  const live = liveNodes(graph, file);
  const read = new Set(live.flatMap((node) => node.inputs));
  const kept = new Set([...graph.inputs.map((port) => port.value), ...live.flatMap((node) => node.outputs)]);
  const values = new Map([...graph.values].filter(([name]) => kept.has(name)));
  const constants = new Map([...graph.constants].filter(([name]) => read.has(name)));
  for (const value of values.values()) checkValue(value, read, file);
  for (const [name, t] of constants) checkConstant(name, t, file);
  for (const node of live) checkNode(node, values, constants, file);
  return { ...graph, values, constants, nodes: live };
}

/** Nodes that an output needs, after a check that each reads only what stands before it. */
function liveNodes(graph: Graph, file: string): readonly Node[] {
  const known = new Set(graph.inputs.map((port) => port.value));
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name !== '' && !known.has(name) && !graph.constants.has(name)) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { file, tensor: name });
    }
    for (const name of node.outputs) {
      if (known.has(name) || graph.constants.has(name)) throw new RequantError('MODEL_INVALID', 'two operators produce it', { file, tensor: name });
      known.add(name);
    }
  }
  const missing = graph.outputs.find((port) => !known.has(port.value));
  if (missing) {
    if (graph.constants.has(missing.value)) throw new RequantError('OPERATOR_UNSUPPORTED', 'the output does not depend on the input', { file, tensor: missing.name });
    throw new RequantError('MODEL_INVALID', 'the output is never computed', { file, tensor: missing.name });
  }
  if (graph.outputs.length === 0) throw new RequantError('MODEL_INVALID', 'the model has no output', { file });
  const wanted = new Set(graph.outputs.map((port) => port.value));
  const live: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    live.push(node);
    for (const name of node.inputs) wanted.add(name);
  }
  return live.reverse();
}

/**
 * A tensor may hold nothing: an empty list of axes, a cache before its first entry. Nodes around it run in float. A dimension that the data
 * decide (-1) is left to whoever gets the output: no node reads it.
 */
function checkValue({ name, shape }: Value, read: ReadonlySet<string>, file: string): void {
  const where = { file, tensor: name };
  if (shape.some((d) => !Number.isSafeInteger(d) || d < (read.has(name) ? 0 : -1))) throw new RequantError('MODEL_INVALID', `${showShape(shape)} is no shape of an activation`, where);
  if (sizeOf(shape) > LARGEST) throw new RequantError('BUDGET_EXCEEDED', `an activation of shape ${showShape(shape)} is too large`, where);
}

function checkConstant(name: string, t: Tensor, file: string): void {
  if (isFloat32(t) && hasNaN(inAnyOrder(t))) throw new RequantError('MODEL_INVALID', 'a weight is not a number (NaN)', { file, tensor: name });
}

/** Four sums of zeros at once, since weights are millions: what is no finite number makes its sum NaN, and is then looked at. */
function hasNaN(data: Float32Array): boolean {
  let a = 0, b = 0, c = 0, d = 0, i = 0;
  for (const end = data.length - 3; i < end; i += 4) {
    a += (data[i] ?? 0) * 0;
    b += (data[i + 1] ?? 0) * 0;
    c += (data[i + 2] ?? 0) * 0;
    d += (data[i + 3] ?? 0) * 0;
  }
  for (; i < data.length; i++) a += (data[i] ?? 0) * 0;
  return Number.isNaN(a + b + c + d) && data.some(Number.isNaN);
}

function checkNode(node: Node, values: ReadonlyMap<string, Value>, constants: ReadonlyMap<string, Tensor>, file: string): void {
  const source = node.sources[0];
  const where = { file, node: source?.name ?? node.outputs[0] ?? node.op };
  const definition = operator(node.op, where);
  checkAttributes(definition, node.attrs, where);
  if (!definition.traits.includes('foreign') && [...node.inputs, ...node.outputs].some((name) => (constants.get(name) ?? values.get(name))?.dtype !== 'float32' && name !== '')) {
    throw new RequantError('OPERATOR_UNSUPPORTED', `${source?.type ?? node.op}: it computes with other numbers than float32`, where);
  }
  const view = nodeView({ values, constants }, node, where);
  const shapes = impossible(() => definition.shapes(view));
  shapes.forEach((shape, i) => {
    const declared = values.get(node.outputs[i] ?? '')?.shape ?? [];
    if (!sameShape(shape, declared)) throw new RequantError('MODEL_INVALID', `${source?.type ?? node.op} gives ${showShape(shape)}, the file says ${showShape(declared)}`, where);
  });
}

/** In a model file, shapes that do not fit are the file's fault and not that of the data. */
export function impossible<T>(compute: () => T): T {
  try { return compute(); } catch (thrown) {
    if (thrown instanceof RequantError && thrown.code === 'SHAPE_MISMATCH') throw new RequantError('MODEL_INVALID', thrown.message, thrown.where, { cause: thrown });
    throw thrown;
  }
}
