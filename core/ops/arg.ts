// arg_max and arg_min: where the largest or smallest value along one dimension lies. 8 bits only. The result is a position, a whole number:
// its twin is stored as int32 with scale 1 (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { size } from './attributes.ts';
import { cast } from './exact.ts';
import { define, sameAsFloat, type FloatEmitter, type KernelCall, type Operator } from './operator.ts';
import { integers } from './rescaling.ts';

/** `last`: of several that are equal the last one counts, not the first. */
const attributes = v.object({ axis: size, keepDims: v.boolean(), last: v.boolean() });
type Attributes = v.InferOutput<typeof attributes>;
/** Positions up to here are exact in float32. */
const MOST_POSITIONS = 2 ** 24;

function argument(name: 'arg_max' | 'arg_min', sign: 1 | -1): Operator {
  const emit = ({ axis, keepDims, last }: Attributes, to: FloatEmitter): string =>
    to.node(sign === 1 ? 'ArgMax' : 'ArgMin', [to.input(0)], { axis: { int: axis }, keepdims: { int: keepDims ? 1 : 0 }, select_last_index: { int: last ? 1 : 0 } });
  return define<Attributes>({
    name,
    className: sign === 1 ? 'ArgMax' : 'ArgMin',
    attributes,
    traits: ['positions'],
    shapes: ({ attrs: { axis, keepDims }, inputs: [x], where }) => {
      const shape = x?.shape ?? [];
      if ((shape[axis] ?? 0) < 1) throw new RequantError('SHAPE_MISMATCH', `${name} over dimension ${axis} of ${showShape(shape)}`, where);
      return [shape.flatMap((d, i) => (i !== axis ? [d] : keepDims ? [1] : []))];
    },
    parts: () => [name],
    precisions: ({ attrs, inputs: [x] }) => (x?.shape[attrs.axis] ?? 0) > MOST_POSITIONS ? { reason: `it looks through more than ${MOST_POSITIONS} values` } : ['int8'],
    emit: ({ attrs }, to) => to.output(0, cast(to, emit(attrs, to), 'float32')),
    quantize: ({ attrs }) => ({ attrs: { ...attrs }, constants: {}, output: { dtype: 'int32', scale: 1, zeroPoint: 0 }, activations: [0] }),
    run: (call) => run(call, sign),
    float: sameAsFloat,
    // An int32 travels in float64.
    exact: (twin) => { const attrs = v.parse(attributes, twin.attrs); return (to) => to.output(0, cast(to, emit(attrs, to), 'float64')); },
    macs: ({ inputs: [x] }) => sizeOf(x?.shape ?? []),
  });
}

export const argMax = argument('arg_max', 1);
export const argMin = argument('arg_min', -1);

function run(call: KernelCall, sign: 1 | -1): Tensor {
  const { axis, last } = v.parse(attributes, call.attrs);
  const [input] = call.inputs;
  const x = integers(input);
  const length = input?.shape[axis] ?? 1;
  const stride = sizeOf(input?.shape.slice(axis + 1) ?? []);
  const out = new Int32Array(sizeOf(call.outputShape));
  for (let i = 0; i < out.length; i++) {
    const first = Math.floor(i / stride) * length * stride + (i % stride);
    let best = 0;
    let most = sign * (x[first] ?? 0);
    for (let k = 1; k < length; k++) {
      const value = sign * (x[first + k * stride] ?? 0);
      if (value > most || (last && value === most)) { best = k; most = value; }
    }
    out[i] = best;
  }
  return { dtype: 'int32', shape: call.outputShape, data: out };
}
