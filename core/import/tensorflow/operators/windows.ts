// Convolutions and pools: images under a sliding window.
import { sizeOf } from '../../../tensor/tensor.ts';
import { asFirst, inOrder, isChannelsLast, spatial } from '../layout.ts';
import { int, ints, type Row, type TensorflowOperator } from '../operator.ts';

/** Padding before and behind each of the spatial dimensions. */
export type Padding = readonly (readonly [number, number])[];

/** SAME puts the odd row or column at the end. `size`: of what slides. */
export function samePadding(size: readonly number[], kernel: readonly number[], strides: readonly number[], dilations: readonly number[]): Padding {
  return size.map((d, i) => {
    const stride = strides[i] ?? 1;
    const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1;
    const total = Math.max(0, (Math.ceil(d / stride) - 1) * stride + reach - d);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  });
}

const onnxPads = (padding: Padding): readonly number[] => [...padding.map((p) => p[0]), ...padding.map((p) => p[1])];

interface Window {
  readonly last: boolean;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: Padding;
}

/** The node's numbers for an image of this shape. A window over batch or channels is refused. */
function windowOf(o: TensorflowOperator, image: readonly number[], kernel: readonly number[], strides: readonly number[]): Window {
  const last = isChannelsLast(o);
  const given = o.ints('dilations');
  const dilations = given.length === 0 ? image.map(() => 1) : given;
  for (const list of [strides, dilations]) {
    if (list.length !== image.length || list.some((n) => n < 1)) throw o.fail(`a window of [${list.join(', ')}] does not fit [${image.join(', ')}]`);
    if (sizeOf(list) !== sizeOf(spatial(list, last))) throw o.fail('a window over batch or channels is not supported');
  }
  const size = spatial(image, last);
  const [steps, spread] = [spatial(strides, last), spatial(dilations, last)];
  if (kernel.length !== size.length || kernel.some((n) => n < 1)) throw o.fail(`a window of [${kernel.join(', ')}] does not fit [${image.join(', ')}]`);
  return { last, strides: steps, dilations: spread, padding: paddingOf(o, size, kernel, steps, spread, last) };
}

function paddingOf(o: TensorflowOperator, size: readonly number[], kernel: readonly number[], strides: readonly number[], dilations: readonly number[], last: boolean): Padding {
  const padding = o.text('padding', 'VALID');
  switch (padding) {
    case 'SAME': return samePadding(size, kernel, strides, dilations);
    case 'VALID': return size.map(() => [0, 0]);
    case 'EXPLICIT': {
      const list = o.ints('explicit_paddings');
      return spatial(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i] ?? 0, list[2 * i + 1] ?? 0] as const), last);
    }
    default: throw o.fail(`padding ${padding} is not supported`);
  }
}

/** What a pattern of nodes says otherwise than the convolution among them. */
export interface Moved {
  readonly image: string;
  readonly dilations: readonly number[];
  readonly padding: Padding;
  /** Name of the result. */
  readonly output: string;
}

/** Weights [kh, kw, in, out] to ONNX's [out, in, kh, kw]; those of a depthwise convolution [kh, kw, in, multiplier] to [in * multiplier, 1, kh, kw]. */
function onnxWeights(o: TensorflowOperator, weights: string, depthwise: boolean): string {
  const shape = o.shapeOf(weights);
  const rank = shape.length;
  const kernel = shape.slice(0, -2);
  const [channels = 1, outputs = 1] = shape.slice(-2);
  const outer = depthwise ? [rank - 2, rank - 1] : [rank - 1, rank - 2];
  const moved = o.onnx('Transpose', [weights], { perm: ints([...outer, ...kernel.map((_, i) => i)]) });
  return depthwise ? o.onnx('Reshape', [moved, o.list([channels * outputs, 1, ...kernel])]) : moved;
}

/** Name of the result, in the order of the image. */
export function convolve(o: TensorflowOperator, depthwise: boolean, moved?: Moved): string {
  const [x, w] = [moved?.image ?? o.input(0), o.input(1)];
  const shape = o.shapeOf(x);
  const weights = o.shapeOf(w);
  if (weights.length !== shape.length || shape.length < 3) throw o.fail(`weights of ${weights.length} dimensions do not fit an image of ${shape.length}`);
  const window = windowOf(o, shape, weights.slice(0, -2), o.ints('strides'));
  const channels = (window.last ? shape.at(-1) : shape[1]) ?? 1;
  const groups = depthwise ? channels : channels / (weights.at(-2) ?? 1);
  if (!Number.isInteger(groups)) throw o.fail(`${channels} channels do not fit weights [${weights.join(', ')}]`);
  const made = o.onnx('Conv', [asFirst(o, x, window.last), onnxWeights(o, w, depthwise)], {
    kernel_shape: ints(weights.slice(0, -2)), strides: ints(window.strides), dilations: ints(moved?.dilations ?? window.dilations),
    pads: ints(onnxPads(moved?.padding ?? window.padding)), group: int(groups),
  }, moved?.output ?? o.output);
  return inOrder(o, made, window.last);
}
export const convolution = (depthwise: boolean): Row => (o) => { o.become(convolve(o, depthwise)); };

/** The gradient of a convolution, which networks use as a transposed convolution: sizes of the result, weights [kh, kw, out, in], image. */
export const transposedConvolution: Row = (o) => {
  const sizes = o.numbers(0);
  const [w, x] = [o.input(1), o.input(2)];
  const weights = o.shapeOf(w);
  const kernel = weights.slice(0, -2);
  const window = windowOf(o, sizes, kernel, o.ints('strides'));
  const small = spatial(o.shapeOf(x), window.last);
  const whole = spatial(sizes, window.last).map((size, i) => {
    const reach = ((kernel[i] ?? 1) - 1) * (window.dilations[i] ?? 1) + 1;
    const [before = 0, after = 0] = window.padding[i] ?? [];
    return size - ((small[i] ?? 1) - 1) * (window.strides[i] ?? 1) - reach + before + after;
  });
  if (whole.some((extra, i) => extra < 0 || extra >= (window.strides[i] ?? 1))) throw o.fail(`[${sizes.join(', ')}] is not what it can give`);
  const rank = weights.length;
  const turned = o.onnx('Transpose', [w], { perm: ints([rank - 1, rank - 2, ...kernel.map((_, i) => i)]) });
  const made = o.onnx('ConvTranspose', [asFirst(o, x, window.last), turned], {
    kernel_shape: ints(kernel), strides: ints(window.strides), dilations: ints(window.dilations), pads: ints(onnxPads(window.padding)),
    ...(whole.some((extra) => extra > 0) ? { output_padding: ints(whole) } : {}),
  }, o.output);
  o.become(inOrder(o, made, window.last));
};

/** Averages leave padding out of the count. */
export const pool = (type: 'MaxPool' | 'AveragePool'): Row => (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const last = isChannelsLast(o);
  // The second version takes window and strides as inputs.
  const [ksize, strides] = o.inputs.length > 1 ? [o.numbers(1), o.numbers(2)] : [o.ints('ksize'), o.ints('strides')];
  const kernel = spatial(ksize, last);
  if (sizeOf(kernel) !== sizeOf(ksize)) throw o.fail('a window over batch or channels is not supported');
  const window = windowOf(o, shape, kernel, strides);
  const made = o.onnx(type, [asFirst(o, x, last)], { kernel_shape: ints(kernel), strides: ints(window.strides), pads: ints(onnxPads(window.padding)) }, o.output);
  o.become(inOrder(o, made, last));
};
