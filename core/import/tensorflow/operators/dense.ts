// Products of matrices.
import { ints, text, type Row, type TensorflowOperator } from '../operator.ts';

/** The last two dimensions exchanged. */
function turned(o: TensorflowOperator, tensor: string, turn: boolean): string {
  if (!turn) return tensor;
  const rank = o.shapeOf(tensor).length;
  return o.onnx('Transpose', [tensor], { perm: ints([...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]) });
}

/** The names of the flags differ: transpose_a of MatMul, adj_x of BatchMatMul. */
export const matMul = (a: string, b: string): Row => (o) => {
  o.become(o.onnx('MatMul', [turned(o, o.input(0), o.flag(a, false)), turned(o, o.input(1), o.flag(b, false))], {}, o.output));
};

export const einsum: Row = (o) => { o.become(o.onnx('Einsum', o.inputs, { equation: text(o.text('equation', '')) }, o.output)); };
