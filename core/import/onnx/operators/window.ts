// The window that slides over an image [N, C, H, W] or over rows [N, C, L], which are taken as an image of height 1.
import { lifted, type ValueEntry } from '../build.ts';
import type { OnnxOperator } from '../operator.ts';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** top, left, bottom, right */
  readonly pads: readonly number[];
  /** What ceil_mode added at the bottom and at the right, contained in `pads`. */
  readonly extra: readonly number[];
  readonly output: readonly number[];
}

const up = (list: readonly number[], fill: number): readonly number[] => (list.length === 1 ? [fill, ...list] : list);
/** An attribute with one number an axis, as two. */
export const axesUp = (o: OnnxOperator, name: string, fill: number): readonly number[] => up(o.ints(name) ?? [fill], fill);
/** The attribute `pads` as top, left, bottom, right. */
export function padsUp(o: OnnxOperator): readonly number[] {
  const given = o.ints('pads') ?? [0, 0, 0, 0];
  return given.length === 2 ? [0, given[0] ?? 0, 0, given[1] ?? 0] : given;
}
/** The output's shape in the file, for rows and for images. */
export const fileShape = (x: ValueEntry, channels: number, [height = 1, width = 1]: readonly number[]): readonly number[] =>
  x.shape.length === 3 ? [x.shape[0] ?? 1, channels, width] : [x.shape[0] ?? 1, channels, height, width];

/** The window's numbers with auto_pad and ceil_mode resolved; nothing unless it slides over one or two dimensions. */
export function windowOf(o: OnnxOperator, shape: readonly number[], kernelGiven: readonly number[]): Window | undefined {
  const kernel = up(kernelGiven, 1);
  const image = lifted(shape);
  if (image.length !== 4 || kernel.length !== 2) return undefined;
  const strides = axesUp(o, 'strides', 1);
  const dilations = axesUp(o, 'dilations', 1);
  const autoPad = o.text('auto_pad', 'NOTSET');
  const explicit = padsUp(o);
  const ceil = o.int('ceil_mode', 0) === 1;
  const begin: number[] = [];
  const end: number[] = [];
  const extra: number[] = [];
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
    let more = 0;
    if (ceil) {
      const rest = (size + before + after - reach) % stride;
      // A last window that would start in the padding is not counted (ONNX, MaxPool).
      if (rest !== 0 && size + before + after - reach - rest + stride < size + before) more = stride - rest;
    }
    begin.push(before);
    end.push(after + more);
    extra.push(more);
    output.push(Math.floor((size + before + after + more - reach) / stride) + 1);
  }
  return { kernel, strides, dilations, pads: [...begin, ...end], extra, output };
}

