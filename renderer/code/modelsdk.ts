// The recipe as ModelSDK Python: the configuration and the call, for a loaded_net and calibration_data that the reader's script has.
import type { Recipe } from '../../core/contract/index.ts';
import { chosen, nameOf, type CodeSource } from './source.ts';

const METHODS: Readonly<Record<Recipe['calibration']['method'], (calibration: Recipe['calibration']) => readonly [name: string, call: string]>> = {
  mse: ({ bins }) => (bins === undefined ? ['CalibrationMethod', "CalibrationMethod.from_str('mse')"] : ['HistogramMSEMethod', `HistogramMSEMethod(${bins})`]),
  entropy: ({ bins }) => ['HistogramEntropyMethod', `HistogramEntropyMethod(${bins ?? 512})`],
  percentile: ({ percentile, bins }) => ['HistogramPercentileMethod', `HistogramPercentileMethod(${percentile ?? 99.9}, ${bins ?? 1024})`],
  min_max: () => ['MinMaxMethod', 'MinMaxMethod()'],
  moving_average: () => ['MovingAverageMinMaxMethod', 'MovingAverageMinMaxMethod()'],
};

const python = (value: boolean): string => (value ? 'True' : 'False');
const list = (names: readonly string[]): string => names.map((name) => `    ${JSON.stringify(name)},\n`).join('');

/** What Requant was told that the ModelSDK has no word for. */
const without = (recipe: Recipe): readonly string[] => [
  ...(recipe.channelEqualization ? ['# Channel equalization was on in Requant; the ModelSDK has no setting for it.'] : []),
  ...(recipe.weightRounding === 'squant' ? ['# Requant rounded weights so that sums of errors stay small; the ModelSDK has no setting for it.'] : []),
];

export function modelsdk({ recipe, model }: CodeSource): string {
  const base = recipe.preset === 'int16' ? 'int16_quantization' : 'default_quantization';
  const [method, methodCall] = METHODS[recipe.calibration.method](recipe.calibration);
  const scheme = recipe.activations === 'symmetric' || recipe.weights === 'per-tensor';
  const tflite = recipe.requantization === 'tflite';
  const precise = Object.entries(recipe.nodes).filter(([, choice]) => choice.precision !== undefined);
  const int32 = chosen(recipe, (choice) => choice.outputInt32 === true);
  const unquantized = chosen(recipe, (choice) => choice.unquantized === true);
  const custom = [...new Set([...precise.map(([name]) => name), ...int32])].map((name) => {
    const precision = recipe.nodes[name]?.precision;
    const fields = [precision && `'quantization_precision': QuantizationPrecision.${precision === 'int16' ? 'INT_16' : 'INT_8'}`, int32.includes(name) && "'output_int32': True"];
    return `    ${JSON.stringify(name)}: {${fields.filter(Boolean).join(', ')}},\n`;
  });
  const lines = [
    `from afe.apis.defines import ${[base, method, ...(scheme ? ['quantization_scheme'] : []), ...(tflite ? ['RequantizationMode'] : [])].join(', ')}`,
    ...(precise.length > 0 ? ['from afe.core.configs import QuantizationPrecision'] : []),
    '',
    `quant_configs = ${base}.with_calibration(${methodCall})`,
    ...(recipe.activations === 'symmetric' ? [`quant_configs = quant_configs.with_activation_quantization(quantization_scheme(asymmetric=False, per_channel=False, bits=${recipe.preset === 'int16' ? 16 : 8}))`] : []),
    ...(recipe.weights === 'per-tensor' ? ['quant_configs = quant_configs.with_weight_quantization(quantization_scheme(asymmetric=False, per_channel=False, bits=8))'] : []),
    ...(tflite ? ['quant_configs = quant_configs.with_requantization_mode(RequantizationMode.tflite)'] : []),
    `quant_configs = quant_configs.with_bias_correction(${python(recipe.biasCorrection)})`,
    ...(unquantized.length > 0 ? [`quant_configs = quant_configs.with_unquantized_nodes({\n${list(unquantized)}})`] : []),
    ...(custom.length > 0 ? [`quant_configs = quant_configs.with_custom_quantization_configs({\n${custom.join('')}})`] : []),
    ...without(recipe),
    '',
    'quant_model = loaded_net.quantize(calibration_data=calibration_data,',
    '                                  quantization_config=quant_configs,',
    `                                  model_name=${JSON.stringify(nameOf(model))}${recipe.armOnly ? ',' : ')'}`,
    ...(recipe.armOnly ? ['                                  arm_only=True)'] : []),
    '',
  ];
  return lines.join('\n');
}
