// A float network in ONNX Runtime, for the values that are wanted.
import { emitFloatGraph, OPSET } from '../emit/index.ts';
import type { Graph } from '../ir/index.ts';
import { createSession, type RuntimeSession } from './session.ts';

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph. */
export const createFloatSession = (graph: Graph, wanted: readonly string[]): Promise<RuntimeSession> =>
  createSession(emitFloatGraph(graph, wanted), opsetOf(graph));

/** Operators that passed through unchanged mean what the opset of their file says, which may be newer than ours. */
export const opsetOf = (graph: { readonly nodes: readonly { readonly attrs: Readonly<Record<string, unknown>> }[] }): number =>
  graph.nodes.reduce((newest, { attrs: { opset } }) => (typeof opset === 'number' ? Math.max(newest, opset) : newest), OPSET);
