// An emitted graph as the bytes of an ONNX file.
import { RequantError } from '../errors/index.ts';
import type { OnnxAttribute } from '../ops/index.ts';
import { ATTRIBUTE_TYPE, elemTypeOf, encodeModel, inOpset, tensorToProto, type AttributeProto, type FunctionProto, type NodeProto, type ValueInfoProto } from '../onnx/index.ts';
import type { EmittedGraph, EmittedNode, EmittedPort } from './emitter.ts';
import type { Inlined } from './inlined.ts';

/** IR version 8 came with opset 15, version 10 with opset 21. */
const irVersionOf = (opset: number): number => (opset < 21 ? 8 : 10);

/** What a file holds besides its graph, before it. */
export interface FirstInFile {
  readonly node: readonly NodeProto[];
  readonly output: readonly ValueInfoProto[];
}

/** The file lies in memory that `allocate` gives. Raises OPERATOR_UNSUPPORTED where operators of the source file mean something else in the opset that the rest needs. */
export function onnxFile(graph: EmittedGraph, first: FirstInFile = { node: [], output: [] }, allocate?: (bytes: number) => Uint8Array): Uint8Array {
  const { opset } = graph;
  const parts = graph.nodes.filter((node): node is Inlined => 'nodes' in node);
  return encodeModel({
    irVersion: Math.max(irVersionOf(opset), ...parts.map((part) => part.irVersion)),
    producerName: 'requant',
    opsetImport: [{ domain: '', version: opset }, ...[...domainsOf(graph.nodes)].map(([domain, version]) => ({ domain, version }))],
    functions: functionsOf(parts, opset),
    graph: {
      name: graph.name,
      node: [...first.node, ...graph.nodes.flatMap((node, i) => ('nodes' in node ? node.nodes.flatMap((each) => inOpset(each, node.opset, opset, node.where)) : nodesOf(node, i, opset)))],
      initializer: [...[...graph.initializers].map(([name, tensor]) => tensorToProto(tensor, name)), ...parts.flatMap((part) => part.initializer)],
      sparseInitializer: parts.flatMap((part) => part.sparseInitializer),
      input: graph.inputs.map(info),
      output: [...first.output, ...graph.outputs.map(info)],
    },
  }, allocate);
}

function nodesOf(node: EmittedNode, i: number, opset: number): readonly NodeProto[] {
  const { domain, opType } = nameOf(node);
  const proto: NodeProto = {
    name: `n${i}`, opType, ...(domain === '' ? {} : { domain }), input: node.inputs, output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
  };
  return inOpset(proto, node.opset ?? opset, opset, { node: node.outputs[0] ?? node.op });
}

/** "com.microsoft.QLinearConv": what stands before the last dot is the domain, of which operators are written in version 1. */
function nameOf({ op }: EmittedNode): { readonly domain: string; readonly opType: string } {
  const dot = op.lastIndexOf('.');
  return { domain: op.slice(0, Math.max(0, dot)), opType: op.slice(dot + 1) };
}

/** A file has one version of each domain. Raises MODEL_INVALID for parts of several. */
function domainsOf(nodes: EmittedGraph['nodes']): ReadonlyMap<string, number> {
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const domain = 'nodes' in node ? '' : nameOf(node).domain;
    if (domain !== '') domains.set(domain, 1);
  }
  const parts = nodes.filter((node): node is Inlined => 'nodes' in node);
  for (const part of parts) for (const [domain, version] of part.domains) {
    if ((domains.get(domain) ?? version) !== version) throw new RequantError('MODEL_INVALID', `its operators are of ${domain} ${version}, others of ${domains.get(domain) ?? ''}`, part.where);
    domains.set(domain, version);
  }
  return domains;
}

/** Each of the file's own functions once. */
function functionsOf(parts: readonly Inlined[], opset: number): readonly FunctionProto[] {
  const functions = new Map<string, FunctionProto>();
  for (const { functions: own, where, opset: otherwise } of parts) for (const each of own) {
    const { domain = '', name = '', overload = '', node = [], opsetImport = [] } = each;
    const from = opsetImport.find(({ domain: of = '' }) => of === '')?.version ?? otherwise;
    functions.set(JSON.stringify([domain, name, overload]), {
      ...each, node: node.flatMap((inner) => inOpset(inner, from, opset, where)),
      opsetImport: opsetImport.map((of) => ((of.domain ?? '') === '' ? { ...of, version: opset } : of)),
    });
  }
  return [...functions.values()];
}

/** -1 is an open dimension, [-1] alone any shape. */
const info = ({ onnx, dtype, shape }: EmittedPort): ValueInfoProto => ({
  name: onnx, type: { tensorType: { elemType: elemTypeOf(dtype), ...(shape.length === 1 && shape[0] === -1 ? {} : { shape: { dim: shape.map((d) => (d === -1 ? {} : { dimValue: d })) } }) } },
});

/** Operators say { int } or { float }, since ONNX tells them apart; lists are of integers. */
function attribute(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if ('int' in value) return { name, type: ATTRIBUTE_TYPE.int, i: value.int };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('tensor' in value) return { name, type: ATTRIBUTE_TYPE.tensor, t: tensorToProto(value.tensor, '') };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] };
}
