// Between the three forms of the same choices: the contract's Recipe, the engine's QuantizationConfig, and plain saved settings.
import type { CalibrationMethodName, Recipe } from '../contract/index.ts';
import { CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod } from '../ir/index.ts';
import { defaultQuantization, int16Quantization, quantizationScheme, type NodeConfig, type QuantizationConfig } from '../quantize/index.ts';

export function methodOf({ method, bins, percentile }: Recipe['calibration']): CalibrationMethod {
  const name: CalibrationMethodName = method;
  switch (name) {
    case 'mse': return HistogramMSEMethod(bins);
    case 'entropy': return HistogramEntropyMethod(bins);
    case 'percentile': return HistogramPercentileMethod(percentile, bins);
    case 'min_max':
    case 'moving_average': return CalibrationMethod.fromStr(name);
  }
}

/** A recipe as a configuration. Node names are checked when a network is quantized. */
export function configFromRecipe(recipe: Recipe): QuantizationConfig {
  const base = recipe.preset === 'int16' ? int16Quantization : defaultQuantization;
  const nodes: Record<string, NodeConfig> = {};
  const unquantized: string[] = [];
  for (const [name, choice] of Object.entries(recipe.nodes)) {
    if (choice.unquantized) unquantized.push(name);
    if (choice.precision === undefined && choice.outputInt32 === undefined) continue;
    nodes[name] = {
      ...(choice.precision === undefined ? {} : { quantizationPrecision: choice.precision }),
      ...(choice.outputInt32 === undefined ? {} : { outputInt32: choice.outputInt32 }),
    };
  }
  return base
    .withCalibration(methodOf(recipe.calibration))
    .withActivationQuantization(quantizationScheme(recipe.activations === 'asymmetric', false, recipe.preset === 'int16' ? 16 : 8))
    .withWeightQuantization(quantizationScheme(false, recipe.weights === 'per-channel', 8))
    .withRequantizationMode(recipe.requantization)
    .withBiasCorrection(recipe.biasCorrection)
    .withChannelEqualization(recipe.channelEqualization)
    .withWeightRounding(recipe.weightRounding)
    .withUnquantizedNodes(unquantized)
    .withCustomQuantizationConfigs(nodes);
}

/** The configuration as plain data, for the saved model. */
export const settingsOf = (config: QuantizationConfig): Readonly<Record<string, unknown>> => ({
  calibrationMethod: config.calibrationMethod,
  activationQuantizationScheme: config.activationQuantizationScheme,
  weightQuantizationScheme: config.weightQuantizationScheme,
  requantizationMode: config.requantizationMode,
  biasCorrection: config.biasCorrection,
  channelEqualization: config.channelEqualization,
  weightRounding: config.weightRounding,
  unquantizedNodes: [...config.unquantizedNodes],
  customQuantizationConfigs: Object.fromEntries(config.customQuantizationConfigs),
});
