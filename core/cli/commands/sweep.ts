// requant sweep: every calibration method with every scheme, measured on the same samples; the best is written.
import { Option } from 'commander';
import { DEFAULT_RECIPE, PRESET_RECIPES, type Recipe } from '../../contract/recipe.ts';
import type { SweepRow } from '../../engine/pipeline.ts';
import { ensureFolder } from '../../tensor/files.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { count } from '../option-values.ts';
import { outputOf } from '../output.ts';
import { formatTable } from '../table.ts';
import { withProgress } from '../terminal.ts';

interface SweepOptions {
  readonly calibration: string;
  readonly calibrationSamples?: number;
  readonly data: string;
  readonly output?: string;
  readonly preset: Recipe['preset'];
}

interface Line {
  readonly method: string;
  readonly weights: Recipe['weights'];
  readonly activations: Recipe['activations'];
  readonly top1?: number;
  readonly top5?: number;
  readonly psnr?: number;
}

export const sweep: CliCommand = {
  name: 'sweep',
  summary: 'try every calibration method with every scheme, and keep the best',
  declare: (command) => {
    command
      .argument('<MODEL>', MODEL_FILE)
      .requiredOption('--calibration <DATA>', 'calibration samples: .npz, .npy, .raw or a folder of images')
      .requiredOption('--data <DATA>', 'samples to measure with; labelled, they count right classes, else the error of every node counts')
      .option('--calibration-samples <N>', 'take the first N calibration samples only', count)
      .option('--output <DIR/NAME>', 'writes the best as DIR/NAME.sima and DIR/NAME.sima.json')
      .addOption(new Option('--preset <PRESET>', 'precision of the nodes').choices(['int8', 'int16']).default(DEFAULT_RECIPE.preset));
    declareModel(command);
    declareData(command);
    command.addHelpText('after', '\nTwenty configurations: 5 methods, weights per channel and per tensor, activations asymmetric and symmetric. Of equal ones the first counts as the best.');
    return async ({ terminal, engine, report }) => {
      const options = command.opts<SweepOptions>();
      const output = options.output === undefined ? undefined : outputOf(options.output);
      const { loadModel, configFromRecipe, measureAccuracy, sweep: run } = await engine();
      const net = await loadModel(command.processedArgs[0] as string, modelOptions(command));
      try {
        const calibration = await openData(options.calibration, command, net.graph.inputs, terminal.cancel, { samples: options.calibrationSamples });
        const data = await openData(options.data, command, net.graph.inputs, terminal.cancel);
        const { labels } = data;
        const base = configFromRecipe(PRESET_RECIPES[options.preset]);
        const float = labels && await measureAccuracy((inputs) => net.execute(inputs), net.graph.outputs[0]?.name ?? '', { samples: data, labels });
        const { rows, best, model } = await withProgress(terminal, (onProgress) =>
          run(net, calibration, { samples: data, ...(labels && { labels }) }, { base }, { onProgress, cancel: terminal.cancel, ...(output && { modelName: output.name }) }));
        try {
          terminal.cancel.throwIfCancelled();
          if (output) await ensureFolder(output.folder);
          const files = output ? await model.save(output.name, output.folder) : [];
          const document = { samples: data.length, ...(float && { float: { top1: float.top1, top5: float.top5 } }), rows: rows.map(lineOf), best: lineOf(best), files };
          report(document, () => [table(rows, best), ...(float ? [`float: top-1 ${float.top1} %, top-5 ${float.top5} %`] : []), ...files.map((file) => `wrote ${file}`)].join('\n'));
        } finally {
          await model.release();
        }
      } finally {
        await net.release();
      }
    };
  },
};

function lineOf({ config, top1, top5, psnr }: SweepRow): Line {
  return {
    method: config.calibrationMethod.name,
    weights: config.weightQuantizationScheme.perChannel ? 'per-channel' : 'per-tensor',
    activations: config.activationQuantizationScheme.asymmetric ? 'asymmetric' : 'symmetric',
    ...(top1 !== undefined && { top1 }), ...(top5 !== undefined && { top5 }), ...(psnr !== undefined && { psnr }),
  };
}

function table(rows: readonly SweepRow[], best: SweepRow): string {
  const scores = best.psnr === undefined ? ['top-1 %', 'top-5 %'] : ['psnr dB'];
  return formatTable(
    [{ title: 'method' }, { title: 'weights' }, { title: 'activations' }, ...scores.map((title) => ({ title, right: true })), { title: '' }],
    rows.map((row) => {
      const { method, weights, activations, top1, top5, psnr } = lineOf(row);
      const measured = psnr === undefined ? [(top1 ?? 0).toFixed(2), (top5 ?? 0).toFixed(2)] : [psnr.toFixed(2)];
      return [method, weights, activations, ...measured, row === best ? 'best' : ''];
    }),
  );
}
