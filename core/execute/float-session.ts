// A float network in ONNX Runtime, for the values that are wanted.
import { emitFloatGraph } from '../emit/index.ts';
import type { Graph } from '../ir/index.ts';
import { createSession, type RuntimeSession } from './session.ts';

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph. */
export const createFloatSession = (graph: Graph, wanted: readonly string[]): Promise<RuntimeSession> => createSession(emitFloatGraph(graph, wanted));
