// The recipe as a call of `requant quantize`.
import { PRESET_RECIPES } from '../../core/contract/index.ts';
import { chosen, nameOf, type CodeSource } from './source.ts';

/** The arguments after `requant`, as a shell hands them over. */
export function quantizeArguments({ recipe, model, inputShapes = {}, data, preprocessing, raw, samples }: CodeSource): readonly string[] {
  const preset = PRESET_RECIPES[recipe.preset];
  const { scale, mean, std, layout, dequantize, resize, keep, pad, channelOrder } = preprocessing;
  const option = (name: string, value: string | number | undefined, standard?: string | number): readonly string[] =>
    (value === undefined || value === '' || value === standard ? [] : [`--${name}`, String(value)]);
  const { method, bins, percentile } = recipe.calibration;
  const shapes = Object.entries(inputShapes).flatMap(([name, shape]) => ['--input-shape', `${name}=${shape.join(',')}`]);
  if (recipe.armOnly) return ['quantize', model, ...shapes, '--arm-only', '--output', `out/${nameOf(model)}`];
  return [
    'quantize', model, ...shapes, '--calibration', data, '--output', `out/${nameOf(model)}`,
    ...option('preset', recipe.preset, 'int8'),
    ...option('calibration-method', method, preset.calibration.method), ...option('bins', bins), ...option('percentile', percentile),
    ...option('weights', recipe.weights, preset.weights), ...option('activations', recipe.activations, preset.activations),
    ...option('requantization', recipe.requantization, preset.requantization),
    ...(recipe.biasCorrection === preset.biasCorrection ? [] : [recipe.biasCorrection ? '--bias-correction' : '--no-bias-correction']),
    ...(recipe.channelEqualization ? ['--channel-equalization'] : []),
    ...option('weight-rounding', recipe.weightRounding, preset.weightRounding),
    ...option('int8', chosen(recipe, (c) => c.precision === 'int8').join(',')),
    ...option('int16', chosen(recipe, (c) => c.precision === 'int16').join(',')),
    ...option('unquantized', chosen(recipe, (c) => c.unquantized === true).join(',')),
    ...option('output-int32', chosen(recipe, (c) => c.outputInt32 === true).join(',')),
    ...option('scale', scale, 1), ...option('mean', mean.join(','), '0'), ...option('std', std.join(','), '1'), ...option('layout', layout),
    ...option('dequantize', dequantize && `${dequantize.scale},${dequantize.zeroPoint}`),
    ...option('resize', resize, 'stretch'), ...option('keep', keep, 100), ...option('pad', pad, 0), ...option('channel-order', channelOrder, 'rgb'),
    ...option('raw-type', raw?.type), ...option('raw-shape', raw?.shape?.join(',')), ...option('samples', samples),
  ];
}

const quoted = (word: string): string => (/^[\w./,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export function commandLine(source: CodeSource): string {
  const words = quantizeArguments(source).map(quoted);
  // An option and its value share a line.
  const text = words.reduce((line, word, i) => line + (i === 0 ? '' : word.startsWith('--') ? ' \\\n  ' : ' ') + word, '');
  return `npx requant ${text}\n`;
}
