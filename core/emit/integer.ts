// Nodes of a QuantizedGraph -> ONNX over ONNX Runtime's operators for integers, which give the same integers, bit for bit (core/ops/integer.ts). A stored int8
// q travels between them as uint8 q + 128. A node without such a form is written as in exact.ts, between two casts.
import { RequantError } from '../errors/index.ts';
import type { Quantization, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { isByte, LIFT, nodeView, operator, type ExactWriter, type FloatEmitter, type IntegerRuntime, type IntegerWriter } from '../ops/index.ts';
import { float32 } from '../tensor/tensor.ts';
import { emitGraph, type EmittedGraph, type Tools } from './emitter.ts';
import { carry, store, storedPort, twinOf, writerOf } from './exact.ts';

/** How a node is written, and why it is in floating point between casts. */
export interface IntegerForm {
  readonly write: IntegerWriter;
  /** Absent where its operators are those for integers, or move them. */
  readonly reason?: string;
  /** Integers only pass through it. */
  readonly passes?: true;
}

/** Proofs look at every weight; they are made once. */
const known = new WeakMap<QuantizedGraph, Map<QuantizedNode, IntegerForm | undefined>>();

/** Undefined where only its reference kernel is exact. */
export function integerFormOf(graph: QuantizedGraph, node: QuantizedNode): IntegerForm | undefined {
  let forms = known.get(graph);
  if (!forms) known.set(graph, forms = new Map<QuantizedNode, IntegerForm | undefined>());
  if (!forms.has(node)) forms.set(node, formOf(graph, node));
  return forms.get(node);
}

function formOf(graph: QuantizedGraph, node: QuantizedNode): IntegerForm | undefined {
  const definition = operator(node.op, { node: node.name });
  const passes = definition.traits.includes('passThrough') ? { passes: true } as const : {};
  const found = node.kind === 'float' ? undefined : definition.integer?.(twinOf(graph, node));
  if (typeof found === 'function') return { write: found, ...passes };
  if (node.kind === 'float' || (definition.traits.includes('passThrough') && !definition.integer)) return { write: (to) => definition.emit(nodeView(graph, node, { node: node.name }), to), passes: true };
  const write = writerOf(graph, node);
  return write && { write: betweenCasts(graph, node, write), ...passes, reason: found?.reason ?? `${node.op} has no form in integers` };
}

const zero = (q: Quantization, tools: Tools): string => tools.constant(float32([], [q.zeroPoint + LIFT]));
const centred = (q: Quantization, name: string, tools: Tools): string => tools.node('Sub', [tools.node('Cast', [name], { to: { int: 1 } }), zero(q, tools)]);
const lifted = (q: Quantization, name: string, tools: Tools): string => tools.node('Cast', [tools.node('Add', [name, zero(q, tools)])], { to: { int: 2 } });

/** What is stored in int8 goes through q - zeroPoint in float32. */
function betweenCasts(graph: QuantizedGraph, node: QuantizedNode, write: ExactWriter): IntegerWriter {
  const { inputs, output } = twinOf(graph, node);
  const down = (i: number, name: string, to: FloatEmitter): string => { const q = inputs[i]?.quantization; return isByte(q) ? centred(q, name, to) : name; };
  return (to) => {
    write({
      ...to,
      input: (i, layout) => down(i, to.input(i, layout), to),
      permuted: (i, perm) => down(i, to.permuted(i, perm), to),
      output: (i, name, layout) => to.output(i, isByte(output.quantization) ? lifted(output.quantization, name, to) : name, layout),
    });
  };
}

const quantizationOf = (graph: QuantizedGraph, value: string): Quantization | null => graph.values.get(value)?.quantization ?? null;

/** `nodes`, in order, from the values named `inputs` to those named `outputs`, as stored. Raises INTERNAL for a node that has no writer. */
export function emitIntegerGraph(graph: QuantizedGraph, nodes: readonly QuantizedNode[], inputs: readonly string[], outputs: readonly string[], runtime: IntegerRuntime): EmittedGraph {
  return emitGraph<QuantizedNode>({
    name: graph.name, nodes, constants: graph.constants,
    shapeOf: (value) => graph.values.get(value)?.shape,
    inputs: inputs.map((value) => storedPort(graph, value, `in:${value}`)),
    outputs: outputs.map((value) => { const { dtype, shape } = storedPort(graph, value, ''); return { value, dtype, shape }; }),
    enter: (port, tools) => {
      const q = quantizationOf(graph, port.value);
      return isByte(q) ? lifted(q, carry(graph, port.value, port.onnx, tools), tools) : carry(graph, port.value, port.onnx, tools);
    },
    leave: (port, name, tools) => {
      const q = quantizationOf(graph, port.value);
      return store(graph, port.value, isByte(q) ? centred(q, name, tools) : name, tools);
    },
    emitNode: (node, to) => {
      const form = integerFormOf(graph, node);
      if (!form) throw new RequantError('INTERNAL', 'it has no form in integers, nor an exact one in floating point', { node: node.name });
      form.write(to, runtime);
    },
  });
}
