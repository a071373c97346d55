// The configuration as code means what the recipe means: TypeScript is evaluated, the command line parsed by the command itself.
import { runInNewContext } from 'node:vm';
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantize, recipeOf } from '../../core/cli/commands/quantize.ts';
import { CALIBRATION_METHODS, DEFAULT_RECIPE, NO_PREPROCESSING, PRESET_RECIPES, type NodeChoice, type Recipe } from '../../core/contract/index.ts';
import { configFromRecipe, settingsOf } from '../../core/engine/settings.ts';
import * as library from '../../core/index.ts';
import type { QuantizationConfig } from '../../core/quantize/index.ts';
import { CODE } from './index.ts';
import { quantizeArguments } from './command-line.ts';
import { configExpression } from './typescript.ts';

const source = (recipe: Recipe) => ({ recipe, model: 'a model.onnx', data: 'calibration.npz', preprocessing: { ...NO_PREPROCESSING, mean: [1, -2, 3] }, samples: 40 });
const choices: fc.Arbitrary<NodeChoice> = fc.constantFrom({ precision: 'int16' }, { precision: 'int8', outputInt32: true }, { unquantized: true }, { outputInt32: true });
const recipes: fc.Arbitrary<Recipe> = fc.record({
  preset: fc.constantFrom('int8' as const, 'int16' as const),
  calibration: fc.oneof(
    fc.record({ method: fc.constantFrom(...CALIBRATION_METHODS) }),
    fc.record({ method: fc.constantFrom('mse' as const, 'entropy' as const), bins: fc.integer({ min: 16, max: 16384 }) }),
    fc.record({ method: fc.constant('percentile' as const), percentile: fc.constantFrom(90, 99.99) }),
    fc.record({ method: fc.constant('percentile' as const), bins: fc.constant(64) }),
  ),
  weights: fc.constantFrom('per-channel' as const, 'per-tensor' as const), activations: fc.constantFrom('asymmetric' as const, 'symmetric' as const),
  requantization: fc.constantFrom('sima' as const, 'tflite' as const), biasCorrection: fc.boolean(), channelEqualization: fc.boolean(),
  weightRounding: fc.constantFrom('squant' as const, 'nearest' as const),
  nodes: fc.dictionary(fc.constantFrom('MLA_0/conv2d_0', 'MLA_0/add_1', 'it is "odd"'), choices),
});

describe('a recipe as code', () => {
  it('in TypeScript evaluates to the configuration that the engine uses', () => {
    fc.assert(fc.property(recipes, (recipe) => {
      const config = runInNewContext(configExpression(recipe), { ...library }) as QuantizationConfig;
      expect(settingsOf(config)).toEqual(settingsOf(configFromRecipe(recipe)));
    }));
  });

  it('imports all that it uses, and nothing that the library lacks', () => {
    fc.assert(fc.property(recipes, (recipe) => {
      const text = CODE.typescript.write(source(recipe));
      const imported = /import \{ (.*) \}/.exec(text)?.[1]?.split(', ') ?? [];
      for (const name of imported) expect(library).toHaveProperty(name);
      for (const name of Object.keys(library)) if (new RegExp(`[^.\\w]${name}[(.]`).test(configExpression(recipe))) expect(imported).toContain(name);
    }));
  });

  it('on the command line is read back as the same recipe', () => {
    fc.assert(fc.property(recipes, (recipe) => {
      const command = new Command('quantize').exitOverride();
      quantize.declare(command);
      command.parse([...quantizeArguments(source(recipe))].slice(1), { from: 'user' });
      expect(recipeOf(command.opts(), recipe.calibration.method)).toEqual(recipe);
      expect(command.opts()).toMatchObject({ calibrationMethod: recipe.calibration.method, mean: [1, -2, 3], samples: 40, output: 'out/a model' });
    }));
  });

  it('carries how images are brought to the model, in both languages that open data', () => {
    const images = { resize: 'crop', keep: 87.5, channelOrder: 'bgr' } as const;
    const written = { ...source(DEFAULT_RECIPE), preprocessing: { ...NO_PREPROCESSING, ...images } }, command = new Command('quantize').exitOverride();
    quantize.declare(command);
    command.parse([...quantizeArguments(written)].slice(1), { from: 'user' });
    expect(command.opts()).toMatchObject(images);
    expect(CODE.typescript.write(written)).toContain('"resize":"crop","keep":87.5,"channelOrder":"bgr"');
  });

  it('carries the shapes that the model leaves open', () => {
    const written = { ...source(DEFAULT_RECIPE), inputShapes: { 'x=0': [1, 12], y: [1, 3, 8, 8] } }, command = new Command('quantize').exitOverride();
    quantize.declare(command);
    command.parse([...quantizeArguments(written)].slice(1), { from: 'user' });
    expect(command.opts()).toMatchObject({ inputShape: written.inputShapes });
    expect(CODE.typescript.write(written)).toContain('loadModel("a model.onnx", {"inputShapes":{"x=0":[1,12],"y":[1,3,8,8]}});');
  });

  it('carries what a raw file holds', () => {
    const written = { ...source(DEFAULT_RECIPE), data: 'a.raw', raw: { type: 'uint8' as const, shape: [3, 8, 8] } }, command = new Command('quantize').exitOverride();
    quantize.declare(command);
    command.parse([...quantizeArguments(written)].slice(1), { from: 'user' });
    expect(command.opts()).toMatchObject({ rawType: 'uint8', rawShape: [3, 8, 8] });
    expect(CODE.typescript.write(written)).toContain('openDataset({ path: "a.raw", raw: {"type":"uint8","shape":[3,8,8]} }');
  });

  it('of which ARM only is a choice, is said in every language and taken by the command', () => {
    const armOnly = { ...DEFAULT_RECIPE, armOnly: true }, command = new Command('quantize').exitOverride();
    quantize.declare(command);
    command.parse([...quantizeArguments(source(armOnly))].slice(1), { from: 'user' });
    expect(command.opts()).toMatchObject({ armOnly: true, output: 'out/a model' });
    expect(CODE.typescript.write(source(armOnly))).toContain('config, { armOnly: true });');
    expect(CODE.modelsdk.write(source(armOnly))).toContain('arm_only=True)');
  });

  it('quotes what a shell would read otherwise', () => {
    expect(CODE.command.write(source(DEFAULT_RECIPE))).toContain("quantize 'a model.onnx' \\\n  --calibration calibration.npz");
  });

  it('in ModelSDK Python names every choice, and says what has no counterpart', () => {
    const text = CODE.modelsdk.write(source({
      ...PRESET_RECIPES.int16, calibration: { method: 'percentile', percentile: 99 }, channelEqualization: true, requantization: 'tflite', activations: 'symmetric',
      nodes: { a: { precision: 'int8', outputInt32: true }, b: { unquantized: true } },
    }));
    for (const part of [
      'int16_quantization.with_calibration(HistogramPercentileMethod(99, 1024))', 'RequantizationMode.tflite', 'with_bias_correction(True)', 'bits=16',
      `"a": {'quantization_precision': QuantizationPrecision.INT_8, 'output_int32': True}`, 'with_unquantized_nodes({\n    "b",\n})', '# Channel equalization', 'model_name="a model"',
    ]) expect(text).toContain(part);
  });
});
