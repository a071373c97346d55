// Runner: a float model or a quantized one, run alike.
import { extname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/graph.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import type { Engine } from './command.ts';

export interface Runner {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  execute(inputs: NamedTensors): Promise<NamedTensors>;
  release(): Promise<void>;
}

export const isQuantizedPath = (path: string): boolean => extname(path).toLowerCase() === '.sima';

/** Opens MODEL_OR_SIMA. `fast` is for quantized models only and raises CONFIG_INVALID with a float one. */
export async function openRunner(engine: Engine, path: string, fast = false): Promise<Runner> {
  if (isQuantizedPath(path)) {
    const model = await engine.Model.load(path);
    const { inputs, outputs } = model.graph;
    return { inputs, outputs, execute: (feed) => model.execute(feed, { fastMode: fast }), release: () => model.release() };
  }
  if (fast) throw new RequantError('CONFIG_INVALID', '--fast is for quantized models', { file: path }, { hint: 'Leave it out, or give a .sima file.' });
  const net = await engine.loadModel(path);
  const { inputs, outputs } = net.graph;
  return { inputs, outputs, execute: (feed) => net.execute(feed), release: () => net.release() };
}
