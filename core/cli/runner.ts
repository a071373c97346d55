// Runner: a float model or a quantized one, run alike.
import { extname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/graph.ts';
import type { ImportOptions } from '../engine/pipeline.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import type { NodeWay } from '../execute/index.ts';
import type { Engine } from './command.ts';

export interface Runner {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  execute(inputs: NamedTensors): Promise<NamedTensors>;
  /** Of a quantized model on the integer kernels: how its nodes run. */
  ways?(): readonly NodeWay[];
  release(): Promise<void>;
}

export const isQuantizedPath = (path: string): boolean => extname(path).toLowerCase() === '.sima';

/** How a quantized model is run: on the integer kernels, inside floating point, or by each operator's reference kernel. All give the same integers. */
export type Way = 'kernels' | 'fast' | 'reference';

/** Opens MODEL_OR_SIMA. A way other than the default is for quantized models only, `options` for float ones: CONFIG_INVALID with the other kind. */
export async function openRunner(engine: Engine, path: string, options: ImportOptions, way: Way = 'kernels'): Promise<Runner> {
  if (isQuantizedPath(path)) {
    if (Object.keys(options).length > 0) throw new RequantError('CONFIG_INVALID', '--input-shape and --outputs are for float models', { file: path }, { hint: 'A .sima file knows its inputs and outputs.' });
    const model = await engine.Model.load(path);
    const { inputs, outputs } = model.graph;
    return {
      inputs, outputs,
      execute: (feed) => model.execute(feed, { fastMode: way === 'fast', reference: way === 'reference' }),
      ...(way === 'kernels' ? { ways: () => model.ways() } : {}),
      release: () => model.release(),
    };
  }
  if (way !== 'kernels') throw new RequantError('CONFIG_INVALID', `--${way} is for quantized models`, { file: path }, { hint: 'Leave it out, or give a .sima file.' });
  const net = await engine.loadModel(path, options);
  const { inputs, outputs } = net.graph;
  return { inputs, outputs, execute: (feed) => net.execute(feed), release: () => net.release() };
}
