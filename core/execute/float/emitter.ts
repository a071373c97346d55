// Graph -> float ONNX. Each operator writes itself (core/ops); this file keeps the names and the layouts: a 4-D value may exist
// channels-last, channels-first or both, and is transposed once where the other form is asked for.
import { RequantError } from '../../errors/index.ts';
import type { Graph, Node, Value } from '../../ir/index.ts';
import { operator, type FloatEmitter, type Layout, type NodeView, type OnnxAttribute } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';

export interface EmittedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}
export interface EmittedGraph {
  readonly name: string;
  readonly nodes: readonly EmittedNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly Value[];
  /** Value name -> ONNX name of its channels-last (or rank other than 4) form, and its shape. */
  readonly outputs: readonly (Value & { readonly onnx: string })[];
}

/** What may be put behind each computed value, such as the rounding of a simulated quantization. Returns the new ONNX name. */
export type AfterValue = (value: string, name: string, emit: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>) => string, constant: (t: Tensor) => string) => string;

export interface EmitOptions {
  /** Values to make outputs of the ONNX graph. */
  readonly wanted: readonly string[];
  readonly after?: AfterValue;
}

const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

/** Raises MODEL_INVALID for a value that nothing computes. Only what the wanted values need is emitted. */
export function emitFloatGraph(graph: Graph, { wanted, after }: EmitOptions): EmittedGraph {
  const nodes: EmittedNode[] = [];
  const initializers = new Map<string, Tensor>();
  const forms = new Map<string, Partial<Record<Layout, string>>>();
  const constantNames = new Map<Tensor, string>();
  let last = 0;
  const fresh = (): string => `t${last++}`;

  const emit = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string => {
    const output = fresh();
    nodes.push({ op, inputs, output, attributes });
    return output;
  };
  const constant = (t: Tensor): string => {
    const known = constantNames.get(t);
    if (known !== undefined) return known;
    const name = fresh();
    constantNames.set(t, name);
    initializers.set(name, t);
    return name;
  };
  const isImage = (value: string): boolean => graph.values.get(value)?.shape.length === 4;
  const form = (value: string, layout: Layout): string => {
    const have = forms.get(value);
    if (!have) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: value });
    const given = have[layout];
    if (given !== undefined) return given;
    if (!isImage(value)) return have.nhwc ?? have.nchw ?? '';
    const made = layout === 'nchw' ? emit('Transpose', [have.nhwc ?? ''], { perm: CHANNELS_FIRST }) : emit('Transpose', [have.nchw ?? ''], { perm: CHANNELS_LAST });
    have[layout] = made;
    return made;
  };
  const settle = (value: string, name: string, layout: Layout): void => {
    forms.set(value, { [isImage(value) ? layout : 'nhwc']: after ? after(value, name, emit, constant) : name });
  };

  for (const port of graph.inputs) {
    const name = `in:${port.value}`;
    forms.set(port.value, {});
    settle(port.value, name, 'nhwc');
  }
  const needed = neededNodes(graph, wanted);
  for (const node of graph.nodes) {
    if (!needed.has(node)) continue;
    const view = viewOf(graph, node);
    const to: FloatEmitter = {
      input: (i, layout = 'nhwc') => {
        const name = node.inputs[i] ?? '';
        const t = graph.constants.get(name);
        return t ? constant(t) : form(name, layout);
      },
      isChannelsFirst: (i) => { const have = forms.get(node.inputs[i] ?? ''); return have?.nchw !== undefined; },
      constant,
      node: emit,
      output: (i, name, layout = 'nhwc') => settle(node.outputs[i] ?? '', name, layout),
    };
    operator(node.op, view.where).emit(view, to);
  }
  const outputs = wanted.map((name) => {
    const value = graph.values.get(name);
    if (!value) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: name });
    // An input asked for as an output still needs a node between them.
    return { ...value, onnx: emit('Identity', [form(name, 'nhwc')]) };
  });
  const inputs = graph.inputs.map((port) => graph.values.get(port.value)).filter((value) => value !== undefined);
  return { name: graph.name, nodes, initializers, inputs, outputs };
}

function viewOf(graph: Graph, node: Node): NodeView<never> {
  return {
    attrs: node.attrs as never,
    where: { node: node.outputs[0] ?? node.op },
    inputs: node.inputs.map((name) => {
      if (name === '') return undefined;
      const t = graph.constants.get(name);
      if (t) return { name, shape: t.shape, constant: t };
      return { name, shape: graph.values.get(name)?.shape ?? [] };
    }),
  };
}

function neededNodes(graph: Graph, wanted: readonly string[]): ReadonlySet<Node> {
  const values = new Set(wanted);
  const nodes = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => values.has(output))) continue;
    nodes.add(node);
    for (const input of node.inputs) values.add(input);
  }
  return nodes;
}
