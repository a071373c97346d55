// Gemm and MatMul by a constant: fully connected layers. A flattened image keeps its H, W, C order, and the weights follow it.
import { float32, isFloat32, type Tensor } from '../../../tensor/tensor.ts';
import type { ValueEntry } from '../build.ts';
import type { OnnxOperator, Row } from '../operator.ts';
import { opaque } from './opaque.ts';

/** Weights [O, I] from a constant [I, O] or, transposed, [O, I], scaled. */
function denseWeights(w: Tensor<'float32'>, transposed: boolean, scale: number): Tensor<'float32'> {
  const [rows = 0, columns = 0] = w.shape;
  const [outputs, inputs] = transposed ? [rows, columns] : [columns, rows];
  const data = new Float32Array(w.data.length);
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) data[o * inputs + i] = scale * (w.data[transposed ? o * columns + i : i * columns + o] ?? 0);
  return float32([outputs, inputs], data);
}

/** Columns in the order of a channels-last image: C, H, W becomes H, W, C. */
function followImage(w: Tensor<'float32'>, image: ValueEntry): Tensor<'float32'> {
  const [, channels = 1, height = 1, width = 1] = image.shape;
  const inputs = w.shape[1] ?? 1;
  const data = new Float32Array(w.data.length);
  for (let o = 0; o * inputs < data.length; o++) for (let p = 0; p < height * width; p++) for (let c = 0; c < channels; c++) {
    data[o * inputs + p * channels + c] = w.data[o * inputs + c * height * width + p] ?? 0;
  }
  return float32(w.shape, data);
}

function emitDense(o: OnnxOperator, weights: Tensor<'float32'>, bias: string | undefined): void {
  const x = o.value(0);
  const [outputs = 0, inputs = 0] = weights.shape;
  if (x.shape.at(-1) !== inputs) throw o.fail(`its input [${x.shape.join(', ')}] does not fit ${inputs} columns of weights`);
  const follows = x.flattened && x.shape.length === 2 && x.shape[1] === inputs;
  const w = o.build.constant(o.proto.input?.[1] ?? '', follows && x.flattened ? followImage(weights, x.flattened.image) : weights);
  o.emit('fully_connected', [follows ? x.name : o.build.asFile(x, o.source), w, ...(bias === undefined ? [] : [bias])], { activation: 'none' }, [...x.shape.slice(0, -1), outputs], false);
}

export const gemm: Row = (o) => {
  const w = o.tensor(1);
  const c = o.tensor(2);
  if (!w || !isFloat32(w) || w.shape.length !== 2 || o.int('transA', 0) !== 0 || (o.input(2) && (!c || !isFloat32(c)))) return opaque(o);
  o.build.spend(2 * w.data.length);
  const weights = denseWeights(w, o.int('transB', 0) === 1, o.float('alpha', 1));
  const outputs = weights.shape[0] ?? 0;
  const beta = o.float('beta', 1);
  if (!c || !isFloat32(c)) return emitDense(o, weights, undefined);
  if (c.data.length !== 1 && (c.data.length !== outputs || c.shape.at(-1) !== outputs)) return opaque(o);
  const bias = Float32Array.from({ length: outputs }, (_, i) => beta * (c.data[c.data.length === 1 ? 0 : i] ?? 0));
  emitDense(o, weights, o.build.constant(o.proto.input?.[2] ?? '', float32([outputs], bias)));
};

export const matMul: Row = (o) => {
  const w = o.tensor(1);
  if (!w || !isFloat32(w) || w.shape.length !== 2) return opaque(o);
  o.build.spend(2 * w.data.length);
  emitDense(o, denseWeights(w, false, 1), undefined);
};
