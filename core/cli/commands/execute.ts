// requant execute: runs a model on samples and writes its outputs.
import { RequantError } from '../../errors/index.ts';
import type { NodeWay, Way } from '../../execute/index.ts';
import { writeNpz } from '../../tensor/npz.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { openRunner } from '../runner.ts';
import { sayChoice } from '../../engine/say-choice.ts';
import { createStacks } from '../stacking.ts';
import { withProgress } from '../terminal.ts';

interface ExecuteOptions {
  readonly inputs: string;
  readonly output: string;
  readonly kernels?: true;
  readonly integer?: true;
  readonly fast?: true;
  readonly reference?: true;
}

/** The options that force a way. */
const WAYS = { kernels: 'kernels', integer: 'integer-operators', fast: 'inside-float', reference: 'reference' } as const satisfies Record<string, Way | 'reference'>;

export const execute: CliCommand = {
  name: 'execute',
  summary: 'run a model on samples and write its outputs',
  declare: (command) => {
    command
      .argument('<MODEL_OR_SIMA>', `${MODEL_FILE}, or a .sima file`)
      .requiredOption('--inputs <IN>', 'an .npz with one array for each input (or .npy, .raw, images), with or without a leading sample dimension')
      .requiredOption('--output <OUT.npz>', 'outputs by name, stacked over the samples')
      .option('--kernels', 'quantized models: on the integer kernels; the default takes the fastest of this way and the next two for each partition')
      .option('--integer', "quantized models: on ONNX Runtime's operators for integers")
      .option('--fast', 'quantized models: as whole numbers inside floating point, through ONNX Runtime')
      .option('--reference', "quantized models: each operator's reference kernel, slow; all ways give the same integers");
    declareModel(command);
    declareData(command, { labels: false });
    return async ({ terminal, engine, report }) => {
      const options = command.opts<ExecuteOptions>();
      const forced = (Object.keys(WAYS) as (keyof typeof WAYS)[]).filter((name) => options[name]);
      if (forced.length > 1) throw new RequantError('CONFIG_INVALID', `--${forced.join(' and --')} exclude each other`, {}, { hint: 'Give one of them.' });
      if (!/\.npz$/i.test(options.output)) throw new RequantError('CONFIG_INVALID', `--output ${options.output} is no .npz file`, {}, { hint: 'Give --output OUT.npz.' });
      const runner = await openRunner(await engine(), command.processedArgs[0] as string, modelOptions(command), forced[0] ? WAYS[forced[0]] : 'fastest');
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
        const partitions = runner.choices?.() ?? [];
        report({ samples: data.length, file: options.output, outputs, ...(ways && { ways, partitions }) }, () =>
          [`wrote ${options.output}: ${data.length} samples of ${outputs.map(({ name }) => name).join(', ')}`, ...partitions.map(sayChoice), ...slowNodes(ways)].join('\n'));
      } finally {
        await runner.release();
      }
    };
  },
};

interface Ways {
  readonly kernels: number;
  readonly integerOperators: number;
  readonly insideFloat: number;
  readonly float: number;
  readonly reference: readonly { readonly name: string; readonly reason: string }[];
}
function countWays(nodes: readonly NodeWay[]): Ways {
  const count = (way: NodeWay['way']): number => nodes.filter((node) => node.way === way).length;
  return { kernels: count('kernels'), integerOperators: count('integer-operators'), insideFloat: count('inside-float'), float: count('float'), reference: nodes.flatMap((node) => (node.way === 'reference' ? [{ name: node.name, reason: node.reason }] : [])) };
}
const slowNodes = (ways: Ways | undefined): readonly string[] => (ways?.reference ?? []).map(({ name, reason }) => `${name} ran on its reference kernel: ${reason}`);
