// The exact reference executor: runs a QuantizedGraph node by node through the operators' own kernels. It is the oracle that
// every faster way is compared with; float nodes are passed to ONNX Runtime.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { operator } from '../ops/index.ts';
import { numeric, sizeOf, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';

/** Runs one float node. Passed in, so that this file stays synchronous arithmetic. */
export type RunFloatNode = (node: QuantizedNode, inputs: readonly (Tensor | StringTensor | undefined)[]) => Promise<readonly (Tensor | StringTensor)[]>;

/** A node's constants by role. Raises MODEL_INVALID where one is missing. */
export function constantsOf(graph: QuantizedGraph, node: QuantizedNode): Readonly<Record<string, Tensor>> {
  const constants: Record<string, Tensor> = {};
  for (const [role, name] of Object.entries(node.constants)) {
    const constant = graph.constants.get(name);
    if (!constant) throw new RequantError('MODEL_INVALID', 'a constant is missing', { node: node.name, tensor: name });
    constants[role] = constant;
  }
  return constants;
}

/** One integer or conversion node on stored inputs. Raises with the node's name. */
export function runNode(graph: QuantizedGraph, node: QuantizedNode, inputs: readonly Tensor[]): Tensor {
  const definition = operator(node.op, { node: node.name });
  const [output = ''] = node.outputs;
  const value = graph.values.get(output);
  if (!definition.run || !value) throw new RequantError('MODEL_INVALID', `${node.op} cannot be executed`, { node: node.name });
  const constants = constantsOf(graph, node);
  try {
    const result = definition.run({
      attrs: node.attrs, constants, inputs,
      inputQuantization: node.inputs.map((name) => graph.values.get(name)?.quantization ?? null),
      outputShape: value.shape, outputQuantization: value.quantization,
    });
    if (result.data.length !== sizeOf(value.shape)) throw new RequantError('MODEL_INVALID', `it gives ${result.data.length} elements, not ${sizeOf(value.shape)}`);
    return result;
  } catch (error) {
    if (error instanceof RequantError) throw error.within({ node: node.name });
    // Attributes come from a file; what the operator's schema refuses is the file's fault.
    if (v.isValiError(error)) throw new RequantError('MODEL_INVALID', `its attributes are wrong: ${error.message}`, { node: node.name }, { cause: error });
    throw error;
  }
}

/** The inputs of an integer node. Raises MODEL_INVALID where one is not computed yet. */
export const operandsOf = (node: QuantizedNode, find: (name: string) => Tensor | StringTensor | undefined): readonly Tensor[] => node.inputs.map((tensor) => {
  const t = find(tensor);
  if (!t) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { node: node.name, tensor });
  return numeric(t, { node: node.name, tensor });
});

export interface ReferenceOptions {
  readonly runFloat: RunFloatNode;
  /** Called after each node; may throw to stop and may wait, to let messages in. */
  readonly onNode?: (done: number, total: number) => Promise<void> | void;
}

/** All values named in `wanted`, as stored. Inputs are by value name. Each value is dropped after its last reader. */
export async function runReference(graph: QuantizedGraph, inputs: NamedValues, wanted: readonly string[], options: ReferenceOptions): Promise<NamedValues> {
  const live = new Map<string, Tensor | StringTensor>(Object.entries(inputs));
  const readers = new Map<string, number>();
  for (const node of graph.nodes) for (const input of node.inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const name of wanted) readers.set(name, Infinity);
  for (const [i, node] of graph.nodes.entries()) {
    if (node.kind === 'float') {
      const results = await options.runFloat(node, node.inputs.map((name) => live.get(name) ?? graph.constants.get(name)));
      node.outputs.forEach((output, k) => { const t = results[k]; if (t) live.set(output, t); });
    } else {
      live.set(node.outputs[0] ?? '', runNode(graph, node, operandsOf(node, (name) => live.get(name))));
    }
    for (const input of node.inputs) {
      const left = (readers.get(input) ?? 0) - 1;
      readers.set(input, left);
      if (left === 0) live.delete(input);
    }
    await options.onNode?.(i + 1, graph.nodes.length);
  }
  const out: Record<string, Tensor | StringTensor> = {};
  for (const name of wanted) {
    const t = live.get(name);
    if (!t) throw new RequantError('INTERNAL', 'it was not computed', { tensor: name });
    out[name] = t;
  }
  return out;
}
