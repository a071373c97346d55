// The recipe as a script for Requant's library.
import { PRESET_RECIPES, type Recipe } from '../../core/contract/index.ts';
import { chosen, nameOf, type CodeSource } from './source.ts';

const METHODS: Readonly<Record<Recipe['calibration']['method'], (calibration: Recipe['calibration']) => string>> = {
  mse: ({ bins }) => `HistogramMSEMethod(${bins ?? ''})`,
  entropy: ({ bins }) => `HistogramEntropyMethod(${bins ?? ''})`,
  percentile: ({ percentile, bins }) => `HistogramPercentileMethod(${[percentile ?? 'undefined', bins].filter((part) => part !== undefined).join(', ')})`,
  min_max: () => 'MinMaxMethod()',
  moving_average: () => 'MovingAverageMinMaxMethod()',
};

/** The configuration: one expression over the library's exports. */
export function configExpression(recipe: Recipe): string {
  const preset = PRESET_RECIPES[recipe.preset];
  const nodes = Object.fromEntries(Object.entries(recipe.nodes).filter(([, choice]) => choice.precision !== undefined || choice.outputInt32 !== undefined)
    .map(([name, { precision, outputInt32 }]) => [name, { quantizationPrecision: precision, outputInt32 }]));
  const unquantized = chosen(recipe, (choice) => choice.unquantized === true);
  const calls = [
    `withCalibration(${METHODS[recipe.calibration.method](recipe.calibration)})`,
    recipe.activations === preset.activations ? '' : `withActivationQuantization(quantizationScheme(${recipe.activations === 'asymmetric'}, false, ${recipe.preset === 'int16' ? 16 : 8}))`,
    recipe.weights === preset.weights ? '' : `withWeightQuantization(quantizationScheme(false, ${recipe.weights === 'per-channel'}, 8))`,
    recipe.requantization === preset.requantization ? '' : `withRequantizationMode('${recipe.requantization}')`,
    recipe.biasCorrection === preset.biasCorrection ? '' : `withBiasCorrection(${recipe.biasCorrection})`,
    recipe.channelEqualization === preset.channelEqualization ? '' : `withChannelEqualization(${recipe.channelEqualization})`,
    recipe.weightRounding === preset.weightRounding ? '' : `withWeightRounding('${recipe.weightRounding}')`,
    unquantized.length === 0 ? '' : `withUnquantizedNodes(${JSON.stringify(unquantized)})`,
    Object.keys(nodes).length === 0 ? '' : `withCustomQuantizationConfigs(${JSON.stringify(nodes, null, 2).replaceAll('\n', '\n  ')})`,
  ].filter(Boolean);
  return [recipe.preset === 'int16' ? 'int16Quantization' : 'defaultQuantization', ...calls].join('\n  .');
}

export function typescript({ recipe, model, inputShapes = {}, data, preprocessing, raw, samples }: CodeSource): string {
  const expression = configExpression(recipe);
  const used = [...new Set(expression.match(/\b(?:\w+Quantization|\w+Method|quantizationScheme)\b(?!\s*:)/g) ?? [])].filter((name) => !name.startsWith('with'));
  return [
    `import { ${['loadModel', 'openDataset', 'samplesOf', ...used].join(', ')} } from 'requant';`,
    '',
    `const net = await loadModel(${JSON.stringify(model)}${Object.keys(inputShapes).length > 0 ? `, ${JSON.stringify({ inputShapes })}` : ''});`,
    `const data = await openDataset({ path: ${JSON.stringify(data)}${raw ? `, raw: ${JSON.stringify(raw)}` : ''} }, net.graph.inputs, ${JSON.stringify(preprocessing)});`,
    `const config = ${expression};`,
    `const model = await net.quantize(samplesOf(data${samples === undefined ? '' : `, ${samples}`}), config${recipe.armOnly ? ', { armOnly: true }' : ''});`,
    `await model.save(${JSON.stringify(nameOf(model))}, 'out');`,
    '',
  ].join('\n');
}
