// The verifier: an imported graph is believed only after every node's operator, attributes, inputs and shapes agree.
import { RequantError } from '../errors/index.ts';
import type { Graph } from '../ir/index.ts';
import { checkAttributes, nodeView, operatorOf } from '../ops/index.ts';
import { sameShape, showShape } from '../tensor/tensor.ts';

/** Raises MODEL_INVALID, OPERATOR_UNSUPPORTED or SHAPE_MISMATCH, naming the node. */
export function verify(graph: Graph): void {
  const known = new Set([...graph.constants.keys(), ...graph.inputs.map((port) => port.value)]);
  for (const node of graph.nodes) {
    const where = { node: node.outputs[0] ?? node.op };
    const op = operatorOf(node);
    checkAttributes(op, node.attrs, where);
    for (const input of node.inputs) {
      if (input !== '' && !known.has(input)) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { ...where, tensor: input });
    }
    const shapes = op.shapes(nodeView(graph, node));
    node.outputs.forEach((output, i) => {
      const declared = graph.values.get(output)?.shape;
      const inferred = shapes[i];
      if (known.has(output)) throw new RequantError('MODEL_INVALID', 'two nodes produce it', { ...where, tensor: output });
      if (!declared || !inferred || !sameShape(declared, inferred)) {
        throw new RequantError('MODEL_INVALID', `${op.name} gives ${showShape(inferred ?? [])} where ${showShape(declared ?? [])} is declared`, { ...where, tensor: output });
      }
      known.add(output);
    });
  }
  for (const port of graph.outputs) if (!known.has(port.value)) throw new RequantError('MODEL_INVALID', 'the output is never computed', { tensor: port.name });
}
