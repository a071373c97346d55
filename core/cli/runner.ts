// Runner: a float model or a quantized one, run alike.
import { extname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/graph.ts';
import type { ImportOptions } from '../engine/pipeline.ts';
import type { NamedValues } from '../tensor/tensor.ts';
import type { Choice, NodeWay, Way } from '../execute/index.ts';
import type { Engine } from './command.ts';

export interface Runner {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  execute(inputs: NamedValues): Promise<NamedValues>;
  /** Of a quantized model run in a fast way: how its nodes ran, and what was chosen for each partition. */
  ways?(): readonly NodeWay[];
  choices?(): readonly Choice[];
  release(): Promise<void>;
}

export const isQuantizedPath = (path: string): boolean => extname(path).toLowerCase() === '.sima';

/** Opens MODEL_OR_SIMA. A way other than the default is for quantized models only, `options` for float ones: CONFIG_INVALID with the other kind. */
export async function openRunner(engine: Engine, path: string, options: ImportOptions, way: Way | 'reference' = 'fastest'): Promise<Runner> {
  if (isQuantizedPath(path)) {
    if (Object.keys(options).length > 0) throw new RequantError('CONFIG_INVALID', '--input-shape, --dimension and --outputs are for float models', { file: path }, { hint: 'A .sima file knows its inputs and outputs.' });
    const model = await engine.Model.load(path);
    const { inputs, outputs } = model.graph;
    return {
      inputs, outputs,
      execute: (feed) => model.execute(feed, { way }),
      ...(way === 'reference' ? {} : { ways: () => model.ways(), choices: () => model.choices() }),
      release: () => model.release(),
    };
  }
  if (way !== 'fastest') throw new RequantError('CONFIG_INVALID', `--way ${way} is for quantized models`, { file: path }, { hint: 'Leave it out, or give a .sima file.' });
  const net = await engine.loadModel(path, options);
  const { inputs, outputs } = net.graph;
  return { inputs, outputs, execute: (feed) => net.execute(feed), release: () => net.release() };
}
