// An emitted graph as the bytes of an ONNX file.
import type { OnnxAttribute } from '../ops/index.ts';
import { ATTRIBUTE_TYPE, elemTypeOf, encodeModel, tensorToProto, type AttributeProto, type ValueInfoProto } from '../onnx/index.ts';
import type { EmittedGraph, EmittedPort } from './emitter.ts';

/** IR version 8 came with opset 15, version 10 with opset 21. */
const irVersionOf = (opset: number): number => (opset < 21 ? 8 : 10);

export function onnxFile(graph: EmittedGraph): Uint8Array {
  return encodeModel({
    irVersion: irVersionOf(graph.opset),
    producerName: 'requant',
    opsetImport: [{ domain: '', version: graph.opset }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, i) => ({
        name: `n${i}`, opType: node.op, input: node.inputs, output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
      })),
      initializer: [...graph.initializers].map(([name, tensor]) => tensorToProto(tensor, name)),
      input: graph.inputs.map(info),
      output: graph.outputs.map(info),
    },
  });
}

const info = ({ onnx, dtype, shape }: EmittedPort): ValueInfoProto => ({
  name: onnx, type: { tensorType: { elemType: elemTypeOf(dtype), shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});

/** Operators say { int } or { float }, since ONNX tells them apart; lists are of integers. */
function attribute(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if ('int' in value) return { name, type: ATTRIBUTE_TYPE.int, i: value.int };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('tensor' in value) return { name, type: ATTRIBUTE_TYPE.tensor, t: tensorToProto(value.tensor, '') };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] };
}
