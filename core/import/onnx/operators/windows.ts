// Conv and the pools: channels-last images under a sliding window.
import { sizeOf, transpose, type Tensor } from '../../../tensor/tensor.ts';
import { TO_LAST } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** top, left, bottom, right */
  readonly pads: readonly number[];
  readonly output: readonly number[];
}

/** The window's numbers with auto_pad and ceil_mode resolved; nothing unless it is two-dimensional. */
function windowOf(o: OnnxOperator, image: readonly number[], kernel: readonly number[]): Window | undefined {
  if (image.length !== 4 || kernel.length !== 2) return undefined;
  const strides = o.ints('strides') ?? [1, 1];
  const dilations = o.ints('dilations') ?? [1, 1];
  const autoPad = o.text('auto_pad', 'NOTSET');
  const explicit = o.ints('pads') ?? [0, 0, 0, 0];
  const ceil = o.int('ceil_mode', 0) === 1;
  const begin: number[] = [];
  const end: number[] = [];
  const output: number[] = [];
  for (const d of [0, 1]) {
    const size = image[d + 2] ?? 1;
    const stride = strides[d] ?? 1;
    const reach = ((kernel[d] ?? 1) - 1) * (dilations[d] ?? 1) + 1;
    let [before, after] = [explicit[d] ?? 0, explicit[d + 2] ?? 0];
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
      const small = Math.floor(total / 2);
      [before, after] = autoPad === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
    } else if (autoPad === 'VALID') [before, after] = [0, 0];
    if (ceil) {
      const rest = (size + before + after - reach) % stride;
      // A last window that would start in the padding is not counted (ONNX, MaxPool).
      if (rest !== 0 && size + before + after - reach - rest + stride < size + before) after += stride - rest;
    }
    begin.push(before);
    end.push(after);
    output.push(Math.floor((size + before + after - reach) / stride) + 1);
  }
  return { kernel, strides, dilations, pads: [...begin, ...end], output };
}

export const conv: Row = (o) => {
  const weights = o.tensor(1);
  const x = o.value(0);
  if (!weights || weights.dtype !== 'float32') return opaque(o);
  const window = windowOf(o, x.shape, weights.shape.slice(2));
  if (!window) return opaque(o);
  const bias = o.tensor(2);
  if (o.input(2) && !bias) throw o.fail('its bias is computed while the network runs');
  const names = o.proto.input ?? [];
  o.build.spend(weights.data.length);
  const w = o.build.constant(names[1] ?? '', transpose(weights, TO_LAST));
  const b = bias ? [o.build.constant(names[2] ?? '', bias)] : [];
  const { strides, pads, dilations, output } = window;
  o.emit('conv2d', [o.build.asImage(x, o.source), w, ...b], { strides, pads, dilations, groups: o.int('group', 1), activation: 'none' },
    [x.shape[0] ?? 1, weights.shape[0] ?? 0, ...output], true);
};

export const maxPool: Row = (o) => {
  const x = o.value(0);
  const window = windowOf(o, x.shape, o.ints('kernel_shape') ?? []);
  if (!window || window.dilations.some((d) => d !== 1) || o.outputCount > 1) return opaque(o);
  const { kernel, strides, pads, output } = window;
  o.emit('max_pool2d', [o.build.asImage(x, o.source)], { kernel, strides, pads }, [...x.shape.slice(0, 2), ...output], true);
};

export const averagePool: Row = (o) => {
  const x = o.value(0);
  const window = windowOf(o, x.shape, o.ints('kernel_shape') ?? []);
  const countIncludePad = o.int('count_include_pad', 0) === 1;
  if (!window || window.dilations.some((d) => d !== 1) || (o.int('ceil_mode', 0) === 1 && countIncludePad)) return opaque(o);
  const { kernel, strides, pads, output } = window;
  o.emit('avg_pool2d', [o.build.asImage(x, o.source)], { kernel, strides, pads, countIncludePad }, [...x.shape.slice(0, 2), ...output], true);
};

export const globalAveragePool: Row = (o) => {
  const x = o.value(0);
  if (x.shape.length !== 4) return opaque(o);
  o.emit('global_avg_pool2d', [o.build.asImage(x, o.source)], {}, [...x.shape.slice(0, 2), 1, 1], true);
};

export const globalMaxPool: Row = (o) => {
  const x = o.value(0);
  if (x.shape.length !== 4) return opaque(o);
  o.emit('max_pool2d', [o.build.asImage(x, o.source)], { kernel: x.shape.slice(2), strides: [1, 1], pads: [0, 0, 0, 0] }, [...x.shape.slice(0, 2), 1, 1], true);
};

/** A mean over height and width is a global average pool; others stay in float. */
export const reduceMean: Row = (o) => {
  const x = o.value(0);
  const axes = (o.ints('axes') ?? o.numbers(1) ?? []).map((a) => normalAxis(a, x.shape.length, o)).sort().join();
  // Files that came from TensorFlow also take the mean of an image that lies channels-last in the file itself.
  const fileIsLast = !x.last && axes === '1,2';
  if (x.shape.length !== 4 || (axes !== '2,3' && !fileIsLast)) return opaque(o);
  const [batch = 1, ...rest] = x.shape;
  const channels = (fileIsLast ? rest[2] : rest[0]) ?? 1;
  const shape = fileIsLast ? [batch, 1, 1, channels] : [batch, channels, 1, 1];
  const image = fileIsLast ? o.build.asFile(x, o.source) : o.build.asImage(x, o.source);
  const pooled = o.build.add('global_avg_pool2d', [image], {}, { name: o.output, shape, last: !fileIsLast }, o.source);
  if (o.int('keepdims', 1) === 1) o.become(pooled);
  else o.emit('reshape', [pooled.name], { shape: [batch, channels] }, [batch, channels], false);
};

export const batchNorm: Row = (o) => {
  const x = o.value(0);
  const parameters = [1, 2, 3, 4].map((i) => o.tensor(i));
  if (o.int('training_mode', 0) !== 0) throw o.fail('it is in training mode');
  if (parameters.some((t) => !t || sizeOf(t.shape) !== (x.shape[1] ?? 1)) || (x.shape.length !== 4 && x.shape.length !== 2)) return opaque(o);
  const names = (parameters as readonly Tensor[]).map((t, i) => o.build.constant(o.proto.input?.[i + 1] ?? '', t));
  const image = x.shape.length === 4;
  o.emit('batch_norm', [image ? o.build.asImage(x, o.source) : o.build.asFile(x, o.source), ...names], { epsilon: o.float('epsilon', 1e-5) }, x.shape, image);
};
