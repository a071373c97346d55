// requant execute: runs a model on samples and writes its outputs.
import { RequantError } from '../../errors/index.ts';
import type { NodeWay } from '../../execute/index.ts';
import { writeNpz } from '../../tensor/npz.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { openRunner } from '../runner.ts';
import { createStacks } from '../stacking.ts';
import { withProgress } from '../terminal.ts';

interface ExecuteOptions {
  readonly inputs: string;
  readonly output: string;
  readonly fast?: true;
  readonly reference?: true;
}

export const execute: CliCommand = {
  name: 'execute',
  summary: 'run a model on samples and write its outputs',
  declare: (command) => {
    command
      .argument('<MODEL_OR_SIMA>', `${MODEL_FILE}, or a .sima file`)
      .requiredOption('--inputs <IN>', 'an .npz with one array for each input (or .npy, images), with or without a leading sample dimension')
      .requiredOption('--output <OUT.npz>', 'outputs by name, stacked over the samples')
      .option('--fast', 'quantized models: the same integers inside floating point, through ONNX Runtime')
      .option('--reference', "quantized models: each operator's reference kernel, slow; the default are the integer kernels, which give the same");
    declareModel(command);
    declareData(command, { labels: false });
    return async ({ terminal, engine, report }) => {
      const options = command.opts<ExecuteOptions>();
      if (options.fast && options.reference) throw new RequantError('CONFIG_INVALID', '--fast and --reference exclude each other', {}, { hint: 'Give one of them.' });
      if (!/\.npz$/i.test(options.output)) throw new RequantError('CONFIG_INVALID', `--output ${options.output} is no .npz file`, {}, { hint: 'Give --output OUT.npz.' });
      const way = options.fast ? 'fast' : options.reference ? 'reference' : 'kernels';
      const runner = await openRunner(await engine(), command.processedArgs[0] as string, modelOptions(command), way);
      try {
        const data = await openData(options.inputs, command, runner.inputs, terminal.cancel);
        const stacks = createStacks(data.length);
        await withProgress(terminal, async (onProgress) => {
          let sample = 0;
          for await (const inputs of data) {
            stacks.add(await runner.execute(inputs), sample);
            onProgress({ stage: 'running', fraction: ++sample / data.length });
          }
        });
        await writeNpz(options.output, stacks.arrays);
        const outputs = Object.entries(stacks.arrays).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
        const ways = runner.ways && countWays(runner.ways());
        report({ samples: data.length, file: options.output, outputs, ...(ways && { ways }) }, () =>
          [`wrote ${options.output}: ${data.length} samples of ${outputs.map(({ name }) => name).join(', ')}`, ...slowNodes(ways)].join('\n'));
      } finally {
        await runner.release();
      }
    };
  },
};

interface Ways {
  readonly kernels: number;
  readonly float: number;
  readonly reference: readonly { readonly name: string; readonly reason: string }[];
}
function countWays(nodes: readonly NodeWay[]): Ways {
  const count = (way: NodeWay['way']): number => nodes.filter((node) => node.way === way).length;
  return { kernels: count('kernels'), float: count('float'), reference: nodes.flatMap((node) => (node.way === 'reference' ? [{ name: node.name, reason: node.reason }] : [])) };
}
const slowNodes = (ways: Ways | undefined): readonly string[] => (ways?.reference ?? []).map(({ name, reason }) => `${name} ran on its reference kernel: ${reason}`);
