// relu and clip as nodes of their own (fused into a convolution they are attributes): rescale, then clamp. 8 bits only.
import * as v from 'valibot';
import { activationOf, activationOfIntegers, activationPart, boundsOf, emitActivation, integerBounds, type Bounds } from './activation.ts';
import { clamp, rescale } from './arithmetic.ts';
import { none } from './attributes.ts';
import { exactRescale } from './exact.ts';
import { define, type KernelCall, type NodeView, type Operator, type Trait } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, rescaleInto } from './rescaling.ts';
import type { Tensor } from '../tensor/tensor.ts';

function clampOperator<A>(name: string, className: string, more: readonly Trait[], attributes: v.GenericSchema<unknown, A>, bounds: (node: NodeView<A>) => Bounds): Operator {
  return define<A>({
    name, className, attributes,
    traits: ['clamp', 'elementwise', ...more],
    shapes: (node) => [node.inputs[0]?.shape ?? []],
    parts: (node) => activationPart(activationOf(bounds(node))),
    precisions: () => ['int8'],
    clampOf: bounds,
    real: (node) => { const { min, max } = bounds(node); return (x = NaN) => clamp(x, min, max); },
    emit: (node, to) => {
      const layout = to.isChannelsFirst(0) ? 'nchw' : 'nhwc';
      to.output(0, emitActivation(activationOf(bounds(node)), to.input(0, layout), to), layout);
    },
    quantize: (node) => {
      const out = node.outputQuantization;
      const input = quantizationOfInput(node.inputQuantization[0] ?? null);
      const [min, max] = integerBounds(activationOf(bounds(node)), out);
      return { attrs: { ...rescale(input.scale / out.scale), min, max }, constants: {}, output: out, activations: [0] };
    },
    run,
    exact: (twin) => exactRescale(twin, v.parse(rescaleAttributes, twin.attrs)),
    float: (twin) => {
      const { min, max } = v.parse(rescaleAttributes, twin.attrs);
      const bounds = boundsOf(activationOfIntegers(min, max, quantizationOfInput(twin.output.quantization)));
      return { attrs: { min: finite(bounds.min), max: finite(bounds.max) }, inputs: [0] };
    },
    macs: (node) => (node.inputs[0]?.shape ?? []).reduce((n, d) => n * d, 1),
  });
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

export const rescaleAttributes = v.object({ multiplier: v.number(), shift: v.number(), min: v.number(), max: v.number() });

function run(call: KernelCall): Tensor {
  const attrs = v.parse(rescaleAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const out = newIntegers(output.dtype, x.length);
  rescaleInto(out, 0, x, { ...attrs, inputZeroPoint: quantizationOfInput(call.inputQuantization[0]).zeroPoint, outputZeroPoint: output.zeroPoint });
  return integerTensor(output.dtype, call.outputShape, out);
}

export const relu = clampOperator('relu', 'Relu', ['homogeneous'], none, () => ({ min: 0, max: Infinity }));

const clipAttributes = v.object({ min: v.nullable(v.number()), max: v.nullable(v.number()) });
export const clip = clampOperator<v.InferOutput<typeof clipAttributes>>('clip', 'Clip', [], clipAttributes,
  ({ attrs }) => ({ min: attrs.min ?? -Infinity, max: attrs.max ?? Infinity }));
