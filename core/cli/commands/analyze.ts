// requant analyze: the error of every node of a quantized model against the float model that it came from.
import { Option } from 'commander';
import { RequantError } from '../../errors/index.ts';
import type { Metric } from '../../ir/report.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, modelOptions } from '../model-options.ts';
import { isQuantizedPath } from '../runner.ts';
import { formatTable } from '../table.ts';
import { withProgress } from '../terminal.ts';

const METRICS: readonly Metric[] = ['mae', 'mse', 'psnr'];

interface AnalyzeOptions {
  readonly float: string;
  readonly data: string;
  readonly metric: Metric;
  readonly localFeed?: true;
  readonly against: 'float' | 'tflite';
}

export const analyze: CliCommand = {
  name: 'analyze',
  summary: 'show the quantization error of every node',
  declare: (command) => {
    command
      .argument('<NAME.sima>', 'a quantized model')
      .requiredOption('--float <MODEL>', 'the .onnx, .tflite or .pb file that it was quantized from')
      .requiredOption('--data <DATA>', 'samples: .npz, .npy, .raw or a folder of images')
      .addOption(new Option('--metric <METRIC>', 'mean absolute error, mean squared error, or peak signal-to-noise ratio in dB').choices(METRICS).default('mae'))
      .option('--local-feed', "feed every node the float model's inputs, so that its error is its own")
      .addOption(new Option('--against <NUMBERS>', 'for a TFLite model that arrived quantized: real numbers, or what the integers of TensorFlow Lite stand for').choices(['float', 'tflite']).default('float'));
    declareModel(command);
    declareData(command, { labels: false });
    command.addHelpText('after', '\nA node without any error has an infinite psnr; JSON has no such number, so it is null there.');
    return async ({ terminal, engine, report }) => {
      const options = command.opts<AnalyzeOptions>();
      const path = command.processedArgs[0] as string;
      if (!isQuantizedPath(path)) throw new RequantError('FORMAT_UNKNOWN', 'this is not a .sima file', { file: path }, { hint: 'Make one with `requant quantize`.' });
      const { loadModel, Model } = await engine();
      const model = await Model.load(path);
      try {
        const float = await loadModel(options.float, modelOptions(command));
        try {
          const compared = options.against === 'tflite' ? float.inTflite() : float;
          const data = await openData(options.data, command, float.graph.inputs, terminal.cancel);
          const found = await withProgress(terminal, (onProgress) => model.analyzeQuantizationError(data, options.metric, { localFeed: options.localFeed ?? false, float: compared, onProgress, cancel: terminal.cancel }));
          const nodes = found.nodes.map((node) => ({ name: node.name, error: node[options.metric] }));
          report({ nodes: nodes.map(({ name, error }) => ({ name, error: Number.isFinite(error) ? error : null })) }, () =>
            formatTable([{ title: 'node' }, { title: options.metric, right: true }], nodes.map(({ name, error }) => [name, Number.isFinite(error) ? error.toPrecision(4) : String(error)])));
        } finally {
          await float.release();
        }
      } finally {
        await model.release();
      }
    };
  },
};
