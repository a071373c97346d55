// Simulated quantization (FakeQuant*): real numbers rounded to the levels of a range, as TensorFlow nudges it so that zero is a level.
import { numbersOf } from '../../../tensor/tensor.ts';
import type { Row, TensorflowOperator } from '../operator.ts';

interface Levels {
  readonly min: number;
  readonly max: number;
  readonly scale: number;
}

/** The range moved so that zero is one of its levels (fake_quant_ops_functor.h: Nudge). */
function nudged(o: TensorflowOperator, min: number, max: number): Levels {
  const bits = o.int('num_bits', 8);
  if (!(bits >= 2 && bits <= 16) || !(min < max)) throw o.fail(`${bits} bits for [${min}, ${max}] are not possible`);
  const first = o.flag('narrow_range', false) ? 1 : 0;
  const last = 2 ** bits - 1;
  const scale = Math.fround((max - min) / (last - first));
  const zero = first - min / scale;
  const nearest = zero < first ? first : zero > last ? last : Math.round(zero);
  return { min: Math.fround((first - nearest) * scale), max: Math.fround((last - nearest) * scale), scale };
}

/** floor((clamp(x) - min) / scale + 0.5) * scale + min, with one range for all or one a channel. */
function emit(o: TensorflowOperator, ranges: readonly Levels[], shape: readonly number[]): void {
  const x = o.input(0);
  const each = (value: (levels: Levels) => number): string => o.values('float32', shape, ranges.map(value));
  const min = each((r) => r.min);
  const clamped = o.onnx('Min', [o.onnx('Max', [x, min]), each((r) => r.max)]);
  const level = o.onnx('Add', [o.onnx('Mul', [o.onnx('Sub', [clamped, min]), each((r) => Math.fround(1 / r.scale))]), o.scalar(0.5, x)]);
  o.become(o.onnx('Add', [o.onnx('Mul', [o.onnx('Floor', [level]), each((r) => r.scale)]), min], {}, o.output));
}

export const fakeQuantArgs: Row = (o) => { emit(o, [nudged(o, o.float('min', -6), o.float('max', 6))], []); };
/** The range is an input: one number, or one a channel of the last dimension. */
export const fakeQuantVars: Row = (o) => {
  const [min, max] = [o.constantOf(o.input(1)), o.constantOf(o.input(2))];
  if (!min || !max) throw o.fail('its range is computed while the network runs');
  const most = numbersOf(max);
  emit(o, numbersOf(min).map((least, i) => nudged(o, least, most[i] ?? 0)), min.shape);
};
