// How the rules and the placement see a node: its operands with shapes and constants, for the operator's definition.
import { RequantError } from '../errors/index.ts';
import type { Graph, Node, Value } from '../ir/index.ts';
import { operator, type NodeView, type Operand, type Operator } from '../ops/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface Tables {
  readonly values: ReadonlyMap<string, Value>;
  readonly constants: ReadonlyMap<string, Tensor>;
}

export function operandOf(tables: Tables, name: string, node: Node): Operand | undefined {
  if (name === '') return undefined;
  const constant = tables.constants.get(name);
  if (constant) return { name, shape: constant.shape, constant };
  const value = tables.values.get(name);
  if (!value) throw new RequantError('MODEL_INVALID', `nothing produces it`, { node: node.outputs[0] ?? node.op, tensor: name });
  return { name, shape: value.shape };
}

/** The node as its operator sees it. The attribute type is the operator's own secret, hence `never`. */
export const viewOf = (tables: Tables, node: Node): NodeView<never> => ({
  attrs: node.attrs as never,
  inputs: node.inputs.map((name) => operandOf(tables, name, node)),
  where: { node: node.outputs[0] ?? node.op },
});

export const operatorOf = (node: Node): Operator => operator(node.op, { node: node.outputs[0] ?? node.op });

export type { Graph };
