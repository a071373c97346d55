// requant evaluate: top-1 and top-5 of a model on labelled data; float models in float, .sima in exact integers.
import { RequantError } from '../../errors/index.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { wholeNumber } from '../option-values.ts';
import { openRunner } from '../runner.ts';
import { withProgress } from '../terminal.ts';

export const evaluate: CliCommand = {
  name: 'evaluate',
  summary: 'measure top-1 and top-5 accuracy on labelled data',
  declare: (command) => {
    command
      .argument('<MODEL_OR_SIMA>', `${MODEL_FILE}, or a .sima file`)
      .requiredOption('--data <DATA>', 'labelled samples: .npz, .npy, .raw or a folder of images');
    declareModel(command);
    declareData(command);
    command.option('--label-offset <N>', 'place of label 0 among the scores: 1 where the first class is a background that the labels do not count', wholeNumber, 0);
    command.addHelpText('after', '\nThe scores are the first output; of equal scores the earlier class counts as the higher.');
    return async ({ terminal, engine, report }) => {
      const { data: path, labelOffset } = command.opts<{ data: string; labelOffset: number }>();
      const loaded = await engine();
      const runner = await openRunner(loaded, command.processedArgs[0] as string, modelOptions(command));
      try {
        const data = await openData(path, command, runner.inputs, terminal.cancel);
        if (!data.labels) throw new RequantError('DATA_LABELS', 'the data has no labels', { file: path }, { hint: 'Give them with --labels KEY or --labels FILE.csv.' });
        const labels = data.labels.map((label) => label + labelOffset);
        const scores = runner.outputs[0]?.name ?? '';
        const result = await withProgress(terminal, (onProgress) => loaded.measureAccuracy((inputs) => runner.execute(inputs), scores, { samples: data, labels },
          (done) => onProgress({ stage: 'evaluating', fraction: done / data.length })));
        report(result, () => `${result.samples} samples: top-1 ${result.top1} %, top-5 ${result.top5} %`);
      } finally {
        await runner.release();
      }
    };
  },
};
