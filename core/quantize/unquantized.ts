// What stays in float in a quantized graph, whichever way the rest of it is quantized: values as the float network has them, and nodes on the APU.
import type { Graph, Node, QuantizedNode, QuantizedValue, Value } from '../ir/index.ts';

/** A value as the float network has it. */
export function unquantized(graph: Pick<Graph, 'values'>, name: string): QuantizedValue {
  const { shape, dtype }: Pick<Value, 'shape' | 'dtype'> = graph.values.get(name) ?? { shape: [], dtype: 'float32' };
  return { name, shape, quantization: null, ...(dtype === 'float32' ? {} : { dtype }) };
}

/** A node left in float that reads `inputs`. */
export const floatNode = ({ op, attrs, outputs }: Node, inputs: readonly string[], named: Pick<QuantizedNode, 'name' | 'identity'>): Omit<QuantizedNode, 'partition'> =>
  ({ ...named, kind: 'float', op, unit: 'APU', attrs, inputs, outputs, constants: {}, precision: null });
