// A node of a graph as its operator sees it: its attributes, and its operands with shapes and constants.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NodeView, Operand } from './operator.ts';

/** What a graph says of names. */
export interface Tables {
  readonly values: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  readonly constants: ReadonlyMap<string, Tensor>;
}

interface ViewedNode {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What errors call a node that has no name. */
export const placeOf = (node: Pick<ViewedNode, 'op' | 'outputs'>): ErrorPlace => ({ node: node.outputs[0] ?? node.op });

/** The attribute type is the operator's own secret, hence `never`. An input named '' is absent. Raises MODEL_INVALID for one that nothing produces. */
export function nodeView(tables: Tables, node: ViewedNode, where: ErrorPlace = placeOf(node)): NodeView<never> {
  return { attrs: node.attrs as never, where, inputs: node.inputs.map((name) => operandOf(tables, name, where)) };
}

function operandOf(tables: Tables, name: string, where: ErrorPlace): Operand | undefined {
  if (name === '') return undefined;
  const constant = tables.constants.get(name);
  if (constant) return { name, shape: constant.shape, constant };
  const value = tables.values.get(name);
  if (!value) throw new RequantError('MODEL_INVALID', 'nothing produces it', { ...where, tensor: name });
  return { name, shape: value.shape };
}
