// Every elementwise function: its float ONNX form against its value in double precision, and its integer table against both.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { graphBuilder } from '../../test/graphs/build.ts';
import { createFloatSession, weightLoops } from '../execute/index.ts';
import type { ActivationQuantization, Precision } from '../ir/index.ts';
import { float32 } from '../tensor/tensor.ts';
import { checkAttributes, dequantizeTensor, ELEMENTWISE_FUNCTIONS, elementwiseFunction, INTEGER_RANGE, operator, quantizationOf, type FunctionName } from './index.ts';

/** Other parameters than the defaults, where a function has some. */
const PARAMETERS: Partial<Record<FunctionName, Readonly<Record<string, number>>>> = {
  pow: { exponent: 3 }, reciprocal: { numerator: -2.5 }, elu: { alpha: 0.5 }, celu: { alpha: 2 }, selu: { alpha: 1.5, gamma: 0.75 }, leaky_relu: { alpha: 0.125 },
  thresholded_relu: { alpha: 0.75 }, shrink: { lambd: 1.5, bias: 0.25 }, hard_sigmoid: { alpha: 0.25, beta: 0.375 }, silu: { alpha: 1.702 },
};
const INPUTS = Float32Array.from({ length: 401 }, (_, i) => (i - 200) * 0.0247);
/** asin near 1, log near 0 and the like magnify float32's own steps. */
const TOLERANCE = 2e-5;

async function emitted(name: FunctionName, parameters: Readonly<Record<string, number>>, x: Float32Array): Promise<Float32Array> {
  const g = graphBuilder();
  const graph = g.done(g.node('udf', [g.input('x', [x.length])], { function: name, parameters }, 'y'));
  const session = await createFloatSession(graph, ['y']);
  const out = (await session.run({ x: float32([x.length], x) }))['y']?.data as Float32Array;
  await session.release();
  return out;
}

describe('the float form is the function', () => {
  it.each(ELEMENTWISE_FUNCTIONS.flatMap((name) => [[name, {}] as const, ...(PARAMETERS[name] ? [[name, PARAMETERS[name]] as const] : [])]))('%s %o', async (name, parameters) => {
    const { real, parameters: defaults } = elementwiseFunction(name);
    const out = await emitted(name, parameters, INPUTS);
    const wrong = Array.from(INPUTS).flatMap((x, i) => {
      const expected = real(x, { ...defaults, ...parameters });
      const actual = out[i] ?? NaN;
      return Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)) ? [] : [`${name}(${x}) = ${expected}, not ${actual}`];
    });
    expect(wrong).toEqual([]);
  });
  test('every function that has parameters is tried with others than its defaults', () => {
    expect(ELEMENTWISE_FUNCTIONS.filter((name) => Object.keys(elementwiseFunction(name).parameters).length > 0)).toEqual(Object.keys(PARAMETERS).sort((a, b) =>
      ELEMENTWISE_FUNCTIONS.indexOf(a as FunctionName) - ELEMENTWISE_FUNCTIONS.indexOf(b as FunctionName)));
  });
});

function table(name: FunctionName, input: ActivationQuantization, output: ActivationQuantization) {
  const definition = operator('udf');
  const plan = definition.quantize?.({
    attrs: { function: name } as never, inputs: [{ name: 'x', shape: [1] }], where: {}, loops: weightLoops, inputQuantization: [input], outputQuantization: output,
    settings: { precision: input.dtype, perChannelWeights: true, asymmetricActivations: true, requantization: 'sima', outputInt32: false, biasCorrection: false, weightRounding: 'squant' },
  });
  const [first, last] = INTEGER_RANGE[input.dtype];
  const stored = Array.from({ length: last - first + 1 }, (_, i) => i + first);
  const x = { dtype: input.dtype, shape: [stored.length], data: input.dtype === 'int8' ? Int8Array.from(stored) : Int16Array.from(stored) };
  const y = definition.run?.({ attrs: plan?.attrs ?? {}, constants: plan?.constants ?? {}, inputs: [x], inputQuantization: [input], outputShape: [stored.length], outputQuantization: output });
  return { x: dequantizeTensor(x, input).data as Float32Array, y: y?.data ?? [] };
}

describe('the table', () => {
  test('is the float form rounded to the output, within one step, at every stored input', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...ELEMENTWISE_FUNCTIONS), fc.constantFrom<Precision>('int8', 'int16'), fc.boolean(), fc.double({ min: 0.1, max: 6, noNaN: true }), async (name, precision, asymmetric, reach) => {
      const input = quantizationOf(-reach / 3, reach, precision, asymmetric);
      const output = quantizationOf(-2, 3, precision, asymmetric);
      const [qmin, qmax] = INTEGER_RANGE[precision];
      const { x, y } = table(name, input, output);
      const float = await emitted(name, {}, x);
      const steep = ['sign', 'ceil', 'floor', 'round', 'thresholded_relu', 'shrink', 'tan', 'log1p', 'log', 'rsqrt', 'reciprocal', 'atanh', 'acosh', 'asin', 'acos'].includes(name);
      let far = 0;
      float.forEach((real, i) => {
        // No real number: 0. Scales are doubles and x is float32, which a jump or a pole right there tells apart.
        const ideal = Math.min(qmax, Math.max(qmin, Math.round((Number.isNaN(real) ? 0 : real) / output.scale) + output.zeroPoint));
        if (Math.abs(Number(y[i]) - ideal) > 1) far++;
      });
      expect(far).toBeLessThanOrEqual(steep ? x.length / 100 : 0);
    }), { numRuns: 60 });
  }, 60_000);

  test('a pole saturates and outside the domain stands 0', () => {
    const input: ActivationQuantization = { dtype: 'int8', scale: 1, zeroPoint: 0 };
    const output: ActivationQuantization = { dtype: 'int8', scale: 0.5, zeroPoint: 5 };
    const at = (name: FunctionName, x: number): number => Number(table(name, input, output).y[x + 128]);
    expect([at('reciprocal', 0), at('log', 0), at('log', -3), at('sqrt', -1), at('sqrt', 9)]).toEqual([127, -128, 5, 5, 11]);
  });
});

test('a parameter that the function does not have is refused by name of the attribute', () => {
  const refuse = (attrs: unknown) => () => checkAttributes(operator('udf'), attrs, { node: 'n' });
  expect(refuse({ function: 'exp', parameters: { alpha: 1 } })).toThrow(/no parameter of this name/);
  expect(refuse({ function: 'elu', parameters: { alpha: Infinity } })).toThrow(/alpha/);
  expect(refuse({ function: 'elu', parameters: { alpha: 2 } })).not.toThrow();
});
