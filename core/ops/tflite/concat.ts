// Concatenation as TensorFlow Lite's reference kernels compute it: integers pass, but uint8 parts stored with another scale go through a table of 256.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import type { ActivationQuantization } from '../../ir/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { size } from '../attributes.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { operandOf, refuse, twinOperator, type TfliteTwin } from './twin.ts';

const attributes = v.object({ axis: size });
const f = Math.fround;
/** What the i-th part of the whole goes through, and the part itself where it is constant. */
const [tableOf, partOf] = [(i: number): string => `table${i}`, (i: number): string => `input${i}`];

/** q * scale + bias in float32 of the file's uint8, rounded half away from zero. */
function unsignedTable(x: { readonly scale: number; readonly zeroPoint: number }, y: ActivationQuantization): Tensor {
  const scale = f(x.scale * f(1 / y.scale));
  const bias = f(-(x.zeroPoint + 128) * scale);
  const table = new Int8Array(256);
  for (let q = 0; q < 256; q++) {
    const real = f(f(q * scale) + bias);
    table[q] = Math.max(-128, Math.min(127, Math.sign(real) * Math.round(Math.abs(real)) + y.zeroPoint));
  }
  return { dtype: 'int8', shape: [256], data: table };
}

export const tfliteConcat: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const constants: Record<string, Tensor> = {};
    const activations: number[] = [];
    node.inputs.forEach((_, i) => {
      const part = operandOf(node, i);
      if (part.constant) constants[partOf(i)] = part.constant;
      else activations.push(i);
      if (part.scale === node.output.scale && part.zeroPoint === node.output.zeroPoint) return;
      if (!node.unsigned) throw refuse(`a ${node.source} of signed parts that are stored with different scales`);
      constants[tableOf(i)] = unsignedTable(part, node.output);
    });
    return { attrs: v.parse(attributes, node.attrs), constants, output: node.output, activations };
  },
  operator: twinOperator('tflite_concat', 'Concatenate', (call) => {
    const { axis } = v.parse(attributes, call.attrs);
    const { dtype } = quantizationOfInput(call.outputQuantization);
    const out = newIntegers(dtype, sizeOf(call.outputShape));
    const [outer, stride] = [sizeOf(call.outputShape.slice(0, axis)), sizeOf(call.outputShape.slice(axis))];
    let offset = 0;
    partsOf(call.constants, call.inputs).forEach((part, i) => {
      const x = integers(part);
      const table = call.constants[tableOf(i)];
      const through = table ? integers(table) : undefined;
      const run = sizeOf(part.shape.slice(axis));
      for (let o = 0; o < outer; o++) for (let k = 0; k < run; k++) {
        const q = x[o * run + k] ?? 0;
        out[o * stride + offset + k] = through ? through[q - INTEGER_RANGE.int8[0]] ?? 0 : q;
      }
      offset += run;
    });
    return integerTensor(dtype, call.outputShape, out);
  }, (twin) => {
    const { axis } = v.parse(attributes, twin.attrs);
    const parts = partsOf<{ readonly shape: readonly number[] }>(twin.constants, twin.inputs);
    const [first = []] = parts.map((part) => part.shape);
    const fits = axis < first.length && parts.every(({ shape }) => shape.length === first.length && shape.every((d, i) => i === axis || d === first[i]));
    if (!fits || Object.entries(twin.constants).some(([role, t]) => role.startsWith('table') && t.data.length !== 256)) throw new RequantError('SHAPE_MISMATCH', 'its parts do not fit one another', twin.where);
    return first.with(axis, parts.reduce((n, { shape }) => n + (shape[axis] ?? 0), 0));
  }),
};

/** The parts in order: constants have their place in their names. */
function partsOf<T>(constants: Readonly<Record<string, T>>, inputs: readonly T[]): readonly T[] {
  const total = inputs.length + Object.keys(constants).filter((role) => role.startsWith('input')).length;
  let next = 0;
  return Array.from({ length: total }, (_, i) => {
    const part = constants[partOf(i)] ?? inputs[next++];
    if (!part) throw new RequantError('SHAPE_MISMATCH', `part ${i} is missing`);
    return part;
  });
}
