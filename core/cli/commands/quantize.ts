// requant quantize: calibrates a model with data, quantizes it, and writes NAME.sima and NAME.sima.json.
import { Option } from 'commander';
import { CALIBRATION_METHODS, DEFAULT_RECIPE, PRESET_RECIPES, type CalibrationMethodName, type NodeChoice, type Recipe } from '../../contract/recipe.ts';
import type { CalibrationWay } from '../../engine/pipeline.ts';
import { RequantError } from '../../errors/index.ts';
import { ensureFolder } from '../../tensor/files.ts';
import type { CliCommand } from '../command.ts';
import { declareData, openData } from '../data-options.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { count, names, number } from '../option-values.ts';
import { countNodes, outputOf, sayNodes } from '../output.ts';
import { withProgress } from '../terminal.ts';

interface QuantizeOptions {
  readonly calibration?: string;
  readonly armOnly?: true;
  readonly output: string;
  readonly preset: Recipe['preset'];
  readonly calibrationMethod: string;
  readonly bins?: number;
  readonly percentile?: number;
  readonly weights: Recipe['weights'];
  readonly activations: Recipe['activations'];
  readonly requantization: Recipe['requantization'];
  readonly biasCorrection?: boolean;
  readonly channelEqualization?: true;
  readonly weightRounding: Recipe['weightRounding'];
  readonly int8?: readonly string[];
  readonly int16?: readonly string[];
  readonly unquantized?: readonly string[];
  readonly outputInt32?: readonly string[];
}

const choice = (flags: string, description: string, values: readonly string[], standard: string): Option => new Option(flags, description).choices(values).default(standard);

export const quantize: CliCommand = {
  name: 'quantize',
  summary: 'calibrate a model and quantize it to integers',
  declare: (command) => {
    command
      .argument('<MODEL>', MODEL_FILE)
      .option('--calibration <DATA>', 'calibration samples: .npz, .npy, .raw or a folder of images')
      .requiredOption('--output <DIR/NAME>', 'writes DIR/NAME.sima and DIR/NAME.sima.json')
      .addOption(choice('--preset <PRESET>', 'precision of the nodes that are not named', ['int8', 'int16'], DEFAULT_RECIPE.preset))
      .addOption(new Option('--calibration-method <METHOD>', `how ranges are chosen: ${CALIBRATION_METHODS.join(', ')}`).default(DEFAULT_RECIPE.calibration.method))
      .option('--bins <N>', "bins of the method's histogram (default: the method's own)", count)
      .option('--percentile <P>', 'share of values that `percentile` keeps, in percent', number)
      .addOption(choice('--weights <SCHEME>', 'one scale for each output channel, or one for all', ['per-channel', 'per-tensor'], DEFAULT_RECIPE.weights))
      .addOption(choice('--activations <SCHEME>', 'with a zero point or without', ['asymmetric', 'symmetric'], DEFAULT_RECIPE.activations))
      .option('--int8 <NODE,...>', 'nodes at int8', names)
      .option('--int16 <NODE,...>', 'nodes at int16', names)
      .option('--unquantized <NODE,...>', 'nodes that stay in float', names)
      .option('--output-int32 <NODE,...>', 'nodes that hand on their int32 accumulators', names)
      .addOption(choice('--requantization <MODE>', 'arithmetic between layers', ['sima', 'tflite'], DEFAULT_RECIPE.requantization))
      .option('--bias-correction', 'correct biases for the expected error of the weights (default with --preset int16)')
      .option('--no-bias-correction', 'leave biases as they are (default with --preset int8)')
      .option('--channel-equalization', 'make the channel ranges of neighbouring layers equal before calibration')
      .addOption(choice('--weight-rounding <HOW>', 'so that sums of errors stay small, or each weight to the nearest integer', ['squant', 'nearest'], DEFAULT_RECIPE.weightRounding))
      .addOption(new Option('--arm-only', 'quantize nothing: the whole model stays in float on the APU, and needs no calibration').conflicts([
        'calibration', 'samples', 'preset', 'calibrationMethod', 'bins', 'percentile', 'weights', 'activations', 'int8', 'int16', 'unquantized', 'outputInt32',
        'requantization', 'biasCorrection', 'channelEqualization', 'weightRounding',
      ]));
    declareModel(command);
    declareData(command, { labels: false });
    return async ({ terminal, engine, report }) => {
      const options = command.opts<QuantizeOptions>();
      const { folder, name } = outputOf(options.output);
      if (options.calibration === undefined && !options.armOnly) throw new RequantError('CONFIG_INVALID', '--calibration is missing', {}, { hint: 'Give --calibration DATA: samples like those that the model will meet.' });
      const { loadModel, configFromRecipe, CalibrationMethod } = await engine();
      const recipe = recipeOf(options, CalibrationMethod.fromStr(options.calibrationMethod).name);
      const config = configFromRecipe(recipe);
      const net = await loadModel(command.processedArgs[0] as string, modelOptions(command));
      try {
        if (net.graph.stored && !options.armOnly) {
          throw new RequantError('CONFIG_INVALID', 'the model arrives quantized: it brings its own scales', {}, { hint: 'Convert it with `requant convert`.' });
        }
        const data = options.calibration === undefined ? [] : await openData(options.calibration, command, net.graph.inputs, terminal.cancel);
        let calibrated: CalibrationWay | undefined;
        const onCalibrated = (way: CalibrationWay): void => { calibrated = way; };
        const model = await withProgress(terminal, (onProgress) => net.quantize(data, config, { onProgress, onCalibrated, cancel: terminal.cancel, modelName: name, armOnly: options.armOnly ?? false }));
        try {
          terminal.cancel.throwIfCancelled();
          await ensureFolder(folder);
          const files = await model.save(name, folder);
          const document = { files, nodes: countNodes(model.graph), ...(options.armOnly ? { armOnly: true } : { samples: data.length, calibrated, recipe }), notices: model.graph.notices };
          report(document, () => [
            ...files.map((file) => `wrote ${file}`),
            `${sayNodes(document.nodes)}; ${options.armOnly ? 'nothing quantized' : `${data.length} calibration samples, method ${recipe.calibration.method}`}`,
            ...document.notices.map((notice) => `note: ${notice}`),
          ].join('\n'));
        } finally {
          await model.release();
        }
      } finally {
        await net.release();
      }
    };
  },
};

/** The recipe that the options spell. Raises CONFIG_INVALID where they contradict each other. */
export function recipeOf(options: QuantizeOptions, method: CalibrationMethodName): Recipe {
  const { bins, percentile } = options;
  if (bins !== undefined && (bins < 16 || bins > 16384)) throw new RequantError('CONFIG_INVALID', `--bins ${bins} is not between 16 and 16384`);
  if (percentile !== undefined && (percentile <= 0 || percentile > 100)) throw new RequantError('CONFIG_INVALID', `--percentile ${percentile} is not above 0 and up to 100`);
  const nodes = new Map<string, NodeChoice>();
  const choose = (list: readonly string[] | undefined, flag: string, made: NodeChoice): void => {
    for (const name of list ?? []) {
      const before = nodes.get(name);
      if ((made.precision && before?.precision && made.precision !== before.precision) || (made.unquantized && before)) {
        throw new RequantError('CONFIG_INVALID', `${flag} contradicts another option for this node`, { node: name });
      }
      nodes.set(name, { ...before, ...made });
    }
  };
  choose(options.int8, '--int8', { precision: 'int8' });
  choose(options.int16, '--int16', { precision: 'int16' });
  choose(options.outputInt32, '--output-int32', { outputInt32: true });
  choose(options.unquantized, '--unquantized', { unquantized: true });
  return {
    preset: options.preset,
    calibration: { method, ...(bins !== undefined && { bins }), ...(percentile !== undefined && { percentile }) },
    weights: options.weights,
    activations: options.activations,
    requantization: options.requantization,
    biasCorrection: options.biasCorrection ?? PRESET_RECIPES[options.preset].biasCorrection,
    channelEqualization: options.channelEqualization ?? false,
    weightRounding: options.weightRounding,
    nodes: Object.fromEntries(nodes),
  };
}
