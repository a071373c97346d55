// QuantizedGraph -> ONNX with QuantizeLinear and DequantizeLinear: every operator in its float form over dequantized numbers, every stored value
// rounded where it is stored. What ONNX Runtime and its like take for a quantized model; it rounds as they do, so it is close to our integers
// and not equal. An operator that has only an exact form is written in that, between the same two.
import { RequantError } from '../errors/index.ts';
import type { Quantization, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { floatFormOf, floatView, nodeView, operator, type FloatEmitter, type FloatForm, type StoredConstant } from '../ops/index.ts';
import { float32, tensor, transpose, type Tensor } from '../tensor/tensor.ts';
import { doorsOf } from './doors.ts';
import { emitGraph, type EmittedGraph, type Tools } from './emitter.ts';
import { twinOf, writerOf } from './exact.ts';

/** Q and DQ of int16 came with opset 21. */
const OPSET = { int8: 17, int16: 21 } as const;

/** Inputs and outputs are the model's own, by their names and in the source file's dimension order. Raises OPERATOR_UNSUPPORTED, naming the node. */
export function emitQdqGraph(graph: QuantizedGraph): EmittedGraph {
  const wide = [...graph.values.values()].some(({ quantization }) => quantization?.dtype === 'int16');
  return emitGraph<QuantizedNode>({
    name: graph.name, nodes: graph.nodes, constants: graph.constants, opset: OPSET[wide ? 'int16' : 'int8'],
    shapeOf: (value) => graph.values.get(value)?.shape,
    ...doorsOf(graph),
    after: (value, name, tools) => rounded(graph.values.get(value)?.quantization ?? null, name, tools),
    emitNode: (node, to, tools) => emitNode(graph, node, to, tools),
  });
}

/** A value as it comes back from being stored. An int32 accumulator is as fine as float itself and stays. */
function rounded(q: Quantization | null, name: string, { node, constant }: Tools): string {
  if (!q || typeof q.scale !== 'number' || q.dtype === 'int32') return name;
  const data = q.dtype === 'int8' ? Int8Array.of(q.zeroPoint) : Int16Array.of(q.zeroPoint);
  const by = [constant(float32([], [q.scale])), constant(tensor(q.dtype, [], data))];
  return node('DequantizeLinear', [node('QuantizeLinear', [name, ...by]), ...by]);
}

function emitNode(graph: QuantizedGraph, node: QuantizedNode, to: FloatEmitter, tools: Tools): void {
  const definition = operator(node.op, { node: node.name });
  switch (node.kind) {
    case 'float': definition.emit(nodeView(graph, node, { node: node.name }), to); return;
    // Values travel in float: what a conversion does is done where its result is stored.
    case 'quantize': case 'dequantize': case 'requantize': {
      const layout = to.isChannelsFirst(0) ? 'nchw' : 'nhwc';
      to.output(0, to.node('Identity', [to.input(0, layout)]), layout);
      return;
    }
    case 'integer': break;
  }
  const twin = twinOf(graph, node);
  const form = floatFormOf(definition, twin);
  const write = !form || form.misfused ? writerOf(graph, node) : undefined;
  if (form && !write) { emitForm(graph, node, form, to, tools); return; }
  if (!write) throw new RequantError('OPERATOR_UNSUPPORTED', `${node.op} has no form in QuantizeLinear and DequantizeLinear`, { node: node.name }, { hint: 'Leave this node unquantized.' });
  const scaleAt = (i: number): string => to.constant(float32([], [single(twin.inputs[i]?.quantization ?? null)]));
  const whole = (i: number, name: string): string => to.node('Round', [to.node('Div', [name, scaleAt(i)])]);
  write({
    ...to,
    input: (i, layout) => whole(i, to.input(i, layout)),
    permuted: (i, perm) => whole(i, to.permuted(i, perm)),
    output: (i, name, layout) => to.output(i, to.node('Mul', [name, to.constant(float32([], [single(twin.output.quantization)]))]), layout),
  });
}

const single = (q: Quantization | null): number => {
  if (q && typeof q.scale === 'number') return q.scale;
  throw new RequantError('INTERNAL', 'an accumulator or a float value was to be read as stored integers');
};

/** The float operator over activations as they travel and constants as they are stored. */
function emitForm(graph: QuantizedGraph, node: QuantizedNode, form: FloatForm, to: FloatEmitter, tools: Tools): void {
  const view = floatView(twinOf(graph, node), form, dequantized);
  const at = (i: number): FloatForm['inputs'][number] => form.inputs[i] ?? -1;
  operator(node.op, view.where).emit(view, {
    ...to,
    input: (i, layout) => { const input = at(i); return typeof input === 'object' ? stored(input, undefined, tools) : to.input(input, layout); },
    permuted: (i, perm) => { const input = at(i); return typeof input === 'object' ? stored(input, perm, tools) : to.permuted(input, perm); },
    isChannelsFirst: (i) => { const input = at(i); return typeof input === 'number' && to.isChannelsFirst(input); },
  });
}

const scaleOf = ({ scale }: StoredConstant, i: number, run: number): number => (typeof scale === 'number' ? scale : scale[Math.floor(i / run)] ?? 1);

function dequantized(c: StoredConstant | Tensor<'float32'>): Tensor<'float32'> {
  if ('data' in c) return c;
  const run = c.stored.data.length / (c.stored.shape[0] ?? 1);
  return float32(c.stored.shape, Float32Array.from(c.stored.data as ArrayLike<number | bigint>, (q, i) => scaleOf(c, i, run) * (Number(q) - c.zeroPoint)));
}

/** A stored constant behind a DequantizeLinear; what that operator does not read (int64 biases) as float. */
function stored(c: StoredConstant | Tensor<'float32'>, perm: readonly number[] | undefined, { node, constant }: Tools): string {
  const turned = <T extends Tensor>(t: T): Tensor => (perm ? transpose(t, perm) : t);
  if ('data' in c || c.stored.dtype === 'int64') return constant(turned(dequantized(c)));
  const scale = constant(typeof c.scale === 'number' ? float32([], [c.scale]) : float32([c.scale.length], Float32Array.from(c.scale)));
  const zeroPoints = c.zeroPoint === 0 ? [] : [constant(tensor(c.stored.dtype, [], c.stored.dtype === 'int8' ? Int8Array.of(c.zeroPoint) : Int16Array.of(c.zeroPoint)))];
  return node('DequantizeLinear', [constant(turned(c.stored)), scale, ...zeroPoints], typeof c.scale === 'number' ? {} : { axis: { int: perm ? perm.indexOf(0) : 0 } });
}
