// A float network in ONNX Runtime: one session, or several in turn.
import { RequantError } from '../errors/index.ts';
import type { Graph } from '../ir/index.ts';
import type { NamedValues, StringTensor, Tensor } from '../tensor/tensor.ts';
import { floatProgram, type FloatProgram } from './float-program.ts';
import { openSession, type RuntimeSession } from './session.ts';

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph, MODEL_INVALID for a value that nothing computes. */
export const createFloatSession = async (graph: Graph, wanted: readonly string[]): Promise<RuntimeSession> => openFloatProgram(floatProgram(graph, wanted));

/** `threads`: those of ONNX Runtime; the chosen number where absent. Raises RUNTIME_FAILED when ONNX Runtime refuses a file. */
export async function openFloatProgram({ wanted, files }: FloatProgram, threads?: number): Promise<RuntimeSession> {
  const sessions: RuntimeSession[] = [];
  const release = async (): Promise<void> => { for (const session of sessions) await session.release(); };
  try {
    for (const { bytes, doors } of files) sessions.push(await openSession(bytes, doors, threads));
  } catch (thrown) { await release(); throw thrown; }
  const [only] = sessions;
  if (only && sessions.length === 1) return only;
  return {
    run: async (inputs) => {
      const live: Record<string, Tensor | StringTensor> = { ...inputs };
      for (const session of sessions) Object.assign(live, await session.run(live));
      return pick(live, wanted);
    },
    release,
  };
}

function pick(live: NamedValues, wanted: readonly string[]): NamedValues {
  return Object.fromEntries(wanted.map((name) => {
    const t = live[name];
    if (!t) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: name });
    return [name, t];
  }));
}
