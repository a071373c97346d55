// Reductions over dimensions: mean, sum, largest and smallest, their places, cumulative sums, the k largest.
import { numbersOf, type DType } from '../../../tensor/tensor.ts';
import { elemType, int, ints, type Row, type TensorflowOperator } from '../operator.ts';
import { outputName } from '../graph.ts';
import { axisOf } from './movement.ts';

const axes = (o: TensorflowOperator): readonly number[] => {
  const rank = o.shapeOf(o.input(0)).length;
  return [...new Set(o.numbers(1).map((a) => axisOf(o, a, rank)))].sort((a, b) => a - b);
};
const keeps = (o: TensorflowOperator): number => (o.flag('keep_dims', false) ? 1 : 0);

/** An ONNX reduction of `x`; the sum alone takes its axes as an input in this set of operators. */
function reduced(o: TensorflowOperator, type: string, x: string, over: readonly number[], keep: number, output?: string): string {
  return type === 'ReduceSum'
    ? o.onnx(type, [x, o.list(over)], { keepdims: int(keep) }, output)
    : o.onnx(type, [x], { axes: ints(over), keepdims: int(keep) }, output);
}

/** Over no dimension nothing is reduced. */
export const reduction = (type: string): Row => (o) => {
  const x = o.input(0);
  const over = axes(o).filter((a) => a < o.shapeOf(x).length);
  o.become(over.length === 0 ? x : reduced(o, type, x, over, keeps(o), o.output));
};

/** All and any of truths are the smallest and the largest of their numbers. */
export const logical = (type: 'ReduceMin' | 'ReduceMax'): Row => (o) => {
  const numbers = o.onnx('Cast', [o.input(0)], { to: elemType('int32') });
  const over = axes(o);
  o.become(o.onnx('Cast', [over.length === 0 ? numbers : reduced(o, type, numbers, over, keeps(o))], { to: elemType('bool') }, o.output));
};

/** Places are int64 in ONNX. */
export const argument = (type: 'ArgMax' | 'ArgMin'): Row => (o) => {
  const x = o.input(0);
  const [axis = 0] = o.inputs.length > 1 ? o.numbers(1) : [];
  const dtype: DType = o.type('output_type') ?? 'int64';
  const attributes = { axis: int(axisOf(o, axis, o.shapeOf(x).length)), keepdims: int(0) };
  o.become(dtype === 'int64' ? o.onnx(type, [x], attributes, o.output) : o.onnx('Cast', [o.onnx(type, [x], attributes)], { to: elemType(dtype) }, o.output));
};

export const cumulativeSum: Row = (o) => {
  const [axis = 0] = o.numbers(1);
  const flag = (name: string) => int(o.flag(name, false) ? 1 : 0);
  o.become(o.onnx('CumSum', [o.input(0), o.values('int64', [], [axisOf(o, axis, o.shapeOf(o.input(0)).length)])], { exclusive: flag('exclusive'), reverse: flag('reverse') }, o.output));
};

/** Values and places of the k largest of the last dimension. */
export const topK: Row = (o) => {
  const k = o.inputs.length > 1 ? o.numbers(1)[0] ?? 0 : o.int('k', 0);
  const places = o.fresh('places');
  o.onnxOutputs('TopK', [o.input(0), o.list([k])], { axis: int(-1), sorted: int(o.flag('sorted', true) ? 1 : 0) }, [o.output, places]);
  o.become(o.onnx('Cast', [places], { to: elemType('int32') }, outputName(o.output, 1)), 1);
};

export const oneHot: Row = (o) => {
  const [indices, on, off] = [o.input(0), o.constantOf(o.input(2)), o.constantOf(o.input(3))];
  const [depth = 0] = o.numbers(1);
  if (!on || !off) throw o.fail('its values are computed while the network runs');
  const values = o.values(on.dtype, [2], [...numbersOf(off), ...numbersOf(on)]);
  o.become(o.onnx('OneHot', [indices, o.list([depth]), values], { axis: int(o.int('axis', -1)) }, o.output));
};
