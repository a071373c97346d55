// An ONNX model inside ours (an island) as part of a larger ONNX graph: its own operators, under names that no other part of the graph has.
import type { ErrorPlace } from '../errors/index.ts';
import { checkSelfContained, decodeModel, type AttributeProto, type FunctionProto, type GraphProto, type NodeProto, type SparseTensorProto, type TensorProto } from '../onnx/index.ts';

export interface Inlined {
  readonly nodes: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly sparseInitializer: readonly SparseTensorProto[];
  readonly functions: readonly FunctionProto[];
  /** Opset of ONNX's own operators in it. */
  readonly opset: number;
  /** Opsets of other domains. */
  readonly domains: ReadonlyMap<string, number>;
  readonly irVersion: number;
  readonly outputs: readonly string[];
  readonly where: ErrorPlace;
}

const isOnnx = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** `inputs`: what its inputs are called in the larger graph; everything else gets `prefix`. Raises MODEL_INVALID, FORMAT_CORRUPT. */
export function inlined(bytes: Uint8Array, inputs: readonly string[], prefix: string, where: ErrorPlace): Inlined {
  const model = decodeModel(bytes);
  checkSelfContained(model, where);
  const { graph = {}, opsetImport = [], functions = [], irVersion = 0 } = model;
  const given = new Map((graph.input ?? []).map(({ name = '' }, i) => [name, inputs[i] ?? '']));
  const rename = (name: string): string => given.get(name) ?? (name === '' ? '' : `${prefix}${name}`);
  const { node = [], initializer = [], sparseInitializer = [], output = [] } = renamed(graph, rename);
  return {
    nodes: node, initializer, sparseInitializer, functions, irVersion, where, outputs: output.map(({ name = '' }) => name),
    opset: opsetImport.find(({ domain = '' }) => isOnnx(domain))?.version ?? 1,
    domains: new Map(opsetImport.flatMap(({ domain = '', version = 1 }) => (isOnnx(domain) ? [] : [[domain, version] as const]))),
  };
}

type Rename = (name: string) => string;

function renamed(graph: GraphProto, rename: Rename): GraphProto {
  const named = <T extends { readonly name?: string }>(list: readonly T[] = []): readonly T[] => list.map((each) => ({ ...each, name: rename(each.name ?? '') }));
  return {
    ...graph, input: named(graph.input), output: named(graph.output), initializer: named(graph.initializer), valueInfo: named(graph.valueInfo),
    sparseInitializer: (graph.sparseInitializer ?? []).map((sparse) => (sparse.values ? { ...sparse, values: { ...sparse.values, name: rename(sparse.values.name ?? '') } } : sparse)),
    node: (graph.node ?? []).map((node) => renamedNode(node, rename)),
  };
}

const renamedNode = (node: NodeProto, rename: Rename): NodeProto => ({
  ...node, name: rename(node.name ?? ''), input: (node.input ?? []).map(rename), output: (node.output ?? []).map(rename),
  attribute: (node.attribute ?? []).map((a): AttributeProto => ({ ...a, ...(a.g ? { g: renamed(a.g, rename) } : {}), ...(a.graphs ? { graphs: a.graphs.map((g) => renamed(g, rename)) } : {}) })),
});
