// The dimension order of images: TensorFlow's operators name theirs, ONNX's are channels-first. Transposes that only say what the graph's
// own order already is cost nothing (core/import/onnx).
import { ints, type TensorflowOperator } from './operator.ts';

/** Dimension order of `data_format`: do the channels come last? */
export const isChannelsLast = (o: TensorflowOperator): boolean => {
  const format = o.text('data_format', 'NHWC');
  if (/_|^HW/.test(format)) throw o.fail(`the dimension order ${format} is not supported`);
  return format.endsWith('C');
};

export const toFirst = (rank: number): readonly number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
export const toLast = (rank: number): readonly number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** Of a list with one number a dimension, those of height and width (and depth before them). */
export const spatial = <T>(list: readonly T[], last: boolean): readonly T[] => (last ? list.slice(1, -1) : list.slice(2));

/** The tensor channels-first. */
export function asFirst(o: TensorflowOperator, tensor: string, last: boolean): string {
  return last ? o.onnx('Transpose', [tensor], { perm: ints(toFirst(o.shapeOf(tensor).length)) }) : tensor;
}

/** A channels-first result in the order of the node's image. */
export function inOrder(o: TensorflowOperator, made: string, last: boolean): string {
  return last ? o.onnx('Transpose', [made], { perm: ints(toLast(o.shapeOf(made).length)) }) : made;
}
