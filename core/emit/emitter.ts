// Nodes -> an ONNX graph. Each operator writes itself (core/ops); this file keeps the names and the layouts: a 4-D value may exist
// channels-last, channels-first or both, and is transposed once where the other form is asked for.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { FloatEmitter, Layout, OnnxAttribute, OutputPlace } from '../ops/index.ts';
import { inlined, type Inlined } from './inlined.ts';
import { transpose, type ElementType, type Tensor } from '../tensor/tensor.ts';

export interface EmittedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  /** All that the operator has, read or not. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** The opset in whose form it is; the graph's where absent. */
  readonly opset?: number;
}

/** A door of the emitted graph: its name and form in ONNX, and the value that it stands for. */
export interface EmittedPort {
  readonly value: string;
  readonly onnx: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

export interface EmittedGraph {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly (EmittedNode | Inlined)[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly EmittedPort[];
  readonly outputs: readonly EmittedPort[];
}

/** Adding nodes and constants by hand, for what stands between operators. */
export type Tools = Pick<FloatEmitter, 'node' | 'constant'>;

interface EmittableNode {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Emission<N extends EmittableNode> {
  readonly name: string;
  /** The least opset that the caller needs; nodes that bring their own may raise it. */
  readonly opset?: number;
  readonly nodes: readonly N[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly shapeOf: (value: string) => readonly number[] | undefined;
  readonly inputs: readonly EmittedPort[];
  /** Values to make outputs of; each may be named by its port. */
  readonly outputs: readonly (Omit<EmittedPort, 'onnx'> & { readonly onnx?: string })[];
  /** Writes one node. Only nodes that the outputs need are asked for. */
  readonly emitNode: (node: N, to: FloatEmitter, tools: Tools) => void;
  /** From an input as it is fed to the value, channels-last; the same where it is left out. */
  readonly enter?: (port: EmittedPort, tools: Tools) => string;
  /** From the value, channels-last, to the output as it is given. */
  readonly leave?: (port: EmittedPort, name: string, tools: Tools) => string;
  /** What may be put behind each computed value, such as the rounding of a simulated quantization. */
  readonly after?: (value: string, name: string, tools: Tools) => string;
}

/** Operators are emitted in their forms of opset 17, which every ONNX Runtime of the last years knows; what passed through unchanged may need a newer one. */
const OPSET = 17;

const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

const ONLY: OutputPlace = { at: 0, of: 1 };

/** Raises MODEL_INVALID for a value that nothing computes. */
export function emitGraph<N extends EmittableNode>(from: Emission<N>): EmittedGraph {
  const nodes: (EmittedNode | Inlined)[] = [];
  const initializers = new Map<string, Tensor>();
  const forms = new Map<string, Partial<Record<Layout, string>>>();
  const constantNames = new Map<Tensor, string>();
  const taken = new Set([...from.inputs, ...from.outputs].map((port) => port.onnx));
  let last = 0;
  const fresh = (): string => {
    const name = `t${last++}`;
    return taken.has(name) ? fresh() : name;
  };
  const several = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>>, of: number, opset?: number): readonly string[] => {
    const outputs = Array.from({ length: of }, fresh);
    nodes.push({ op, inputs, outputs, attributes, ...(opset === undefined ? {} : { opset }) });
    return outputs;
  };
  const node = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}, { at, of }: OutputPlace = ONLY): string =>
    several(op, inputs, attributes, of)[at] ?? '';
  const constant = (t: Tensor): string => {
    const known = constantNames.get(t);
    if (known !== undefined) return known;
    const name = fresh();
    constantNames.set(t, name);
    initializers.set(name, t);
    return name;
  };
  const model = (bytes: Uint8Array, inputs: readonly string[], where: ErrorPlace): readonly string[] => {
    let prefix = `${fresh()}/`;
    while ([...taken].some((name) => name?.startsWith(prefix))) prefix = `${fresh()}/`;
    const made = inlined(bytes, inputs, prefix, where);
    nodes.push(made);
    return made.outputs;
  };
  const tools: Tools = { node, constant };
  const isImage = (value: string): boolean => from.shapeOf(value)?.length === 4;
  const form = (value: string, layout: Layout): string => {
    const have = forms.get(value);
    if (!have) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: value });
    const given = have[layout];
    if (given !== undefined) return given;
    if (!isImage(value)) return have.nhwc ?? have.nchw ?? '';
    const made = layout === 'nchw' ? node('Transpose', [have.nhwc ?? ''], { perm: CHANNELS_FIRST }) : node('Transpose', [have.nchw ?? ''], { perm: CHANNELS_LAST });
    have[layout] = made;
    return made;
  };
  const settle = (value: string, name: string, layout: Layout): void => {
    forms.set(value, { [isImage(value) ? layout : 'nhwc']: from.after ? from.after(value, name, tools) : name });
  };

  for (const port of from.inputs) settle(port.value, from.enter ? from.enter(port, tools) : port.onnx, 'nhwc');
  const needed = neededNodes(from.nodes, from.outputs.map((port) => port.value));
  for (const each of from.nodes) {
    if (!needed.has(each)) continue;
    const input = (i: number, layout: Layout = 'nhwc'): string => {
      const name = each.inputs[i] ?? '';
      const t = from.constants.get(name);
      return t ? constant(t) : form(name, layout);
    };
    from.emitNode(each, {
      input, constant, node, several,
      model: (bytes, inputs) => model(bytes, inputs, { node: each.outputs[0] ?? '' }),
      permuted: (i, perm) => {
        const t = from.constants.get(each.inputs[i] ?? '');
        return t ? constant(transpose(t, perm)) : node('Transpose', [input(i)], { perm });
      },
      isChannelsFirst: (i) => { const have = forms.get(each.inputs[i] ?? ''); return have?.nchw !== undefined; },
      output: (i, name, layout = 'nhwc') => settle(each.outputs[i] ?? '', name, layout),
    }, tools);
  }

  const outputs = from.outputs.map((wanted) => {
    const port = { ...wanted, onnx: wanted.onnx ?? fresh() };
    if (from.shapeOf(port.value) === undefined) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: port.value });
    const given = form(port.value, 'nhwc');
    // An input asked for as an output still needs a node between them.
    nodes.push({ op: 'Identity', inputs: [from.leave ? from.leave(port, given, tools) : given], outputs: [port.onnx], attributes: {} });
    return port;
  });
  const opset = nodes.reduce((newest, each) => Math.max(newest, each.opset ?? 0), from.opset ?? OPSET);
  return { name: from.name, opset, nodes, initializers, inputs: from.inputs, outputs };
}

function neededNodes<N extends EmittableNode>(nodes: readonly N[], wanted: readonly string[]): ReadonlySet<N> {
  const values = new Set(wanted);
  const needed = new Set<N>();
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((output) => values.has(output))) continue;
    needed.add(node);
    for (const input of node.inputs) values.add(input);
  }
  return needed;
}
