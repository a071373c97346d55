// What an ONNX node reads: its inputs, and what the graphs inside it read of the graph around them.
import type { GraphProto, NodeProto } from '../../onnx/index.ts';

const graphsOf = ({ attribute = [] }: NodeProto): readonly GraphProto[] => attribute.flatMap(({ g, graphs = [] }) => (g ? [g, ...graphs] : graphs));
export const holdsGraphs = (node: NodeProto): boolean => graphsOf(node).length > 0;

export const readsOf = (node: NodeProto): readonly string[] => [...new Set([...(node.input ?? []).filter((name) => name !== ''), ...graphsOf(node).flatMap(captured)])];

function captured({ node = [], input = [], output = [], initializer = [], sparseInitializer = [] }: GraphProto): readonly string[] {
  const own = new Set([
    ...[...input, ...initializer].map(({ name = '' }) => name), ...sparseInitializer.map(({ values }) => values?.name ?? ''), ...node.flatMap((each) => each.output ?? []),
  ]);
  return [...node.flatMap(readsOf), ...output.map(({ name = '' }) => name)].filter((name) => name !== '' && !own.has(name));
}
