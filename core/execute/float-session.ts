// A float network in ONNX Runtime, for the values that are wanted.
import { emitFloatGraph } from '../emit/index.ts';
import type { Graph } from '../ir/index.ts';
import { createSession, type RuntimeSession } from './session.ts';

/** A network without a node for integers has no values to calibrate, and ONNX Runtime takes no graph without nodes. */
const NOTHING: RuntimeSession = { run: () => Promise.resolve({}), release: () => Promise.resolve() };

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph. */
export const createFloatSession = async (graph: Graph, wanted: readonly string[]): Promise<RuntimeSession> =>
  (wanted.length === 0 ? NOTHING : createSession(emitFloatGraph(graph, wanted)));
