// Preprocessing: stored numbers to what the network was trained on. real = (q - zeroPoint) * scale for integer data,
// then x * scale, then (x - mean) / std by channel; computed in double precision and rounded once, to float32.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { showShape, type Tensor } from './tensor.ts';

export type DataLayout = 'nhwc' | 'nchw';
/** An image to the model's size: stretched; made to cover it, and the centre cropped; or made to fit into it, padded on both sides. */
export type ImageResize = 'stretch' | 'crop' | 'fit';
export type ChannelOrder = 'rgb' | 'bgr';

export interface Preprocessing {
  readonly scale: number;
  /** One number, or one a channel; likewise `std`, which holds no 0. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Dimension order of the data; absent: found from the shapes. */
  readonly layout?: DataLayout | undefined;
  /** Integer data to real numbers: (q - zeroPoint) * scale. */
  readonly dequantize?: { readonly scale: number; readonly zeroPoint: number } | undefined;
  /** Images only; absent: stretch. */
  readonly resize?: ImageResize | undefined;
  /** Per cent, 10 to 100: how much of each side the crop leaves. 224 of 256 is 87.5. Only with `resize: 'crop'`; absent: 100. */
  readonly keep?: number | undefined;
  /** 0 to 255: red, green and blue of the padding, black to white; networks of the YOLO family want 114. Only with `resize: 'fit'`; absent: 0. */
  readonly pad?: number | undefined;
  /** Images only, and before mean and std, which follow this order. Absent: rgb. */
  readonly channelOrder?: ChannelOrder | undefined;
}

/** Leaves every number as it is. */
export const UNCHANGED: Preprocessing = { scale: 1, mean: [0], std: [1] };

/** Checks the settings against the model's input. Raises CONFIG_INVALID, naming the setting. */
export function checkPreprocessing(settings: Preprocessing, shape: readonly number[], channelAxis: number, where: ErrorPlace): void {
  const fail = (message: string): RequantError => new RequantError('CONFIG_INVALID', message, where);
  const channels = shape[channelAxis] ?? 1;
  for (const [name, values] of [['mean', settings.mean], ['std', settings.std]] as const) {
    if (values.length !== 1 && values.length !== channels) throw fail(`${name} has ${values.length} numbers; the input ${showShape(shape)} has ${channels} channels`);
    if (!values.every(Number.isFinite)) throw fail(`${name} holds something that is no number`);
  }
  if (settings.std.includes(0)) throw fail('std holds a 0');
  if (!Number.isFinite(settings.scale)) throw fail('scale is no number');
  if (settings.dequantize && !(settings.dequantize.scale > 0 && Number.isFinite(settings.dequantize.scale) && Number.isInteger(settings.dequantize.zeroPoint))) {
    throw fail('dequantize takes a scale above 0 and a whole zero point');
  }
}

/** Checks what is said of images, for an input with so many channels; `null`: the data is no image. Raises CONFIG_INVALID. */
export function checkImageSettings({ resize = 'stretch', keep, pad, channelOrder = 'rgb' }: Preprocessing, channels: number | null, where: ErrorPlace): void {
  const fail = (message: string, hint?: string): RequantError => new RequantError('CONFIG_INVALID', message, where, hint === undefined ? {} : { hint });
  if (channels === null && (resize !== 'stretch' || channelOrder !== 'rgb')) {
    throw fail('resize and channel order are for images; arrays are taken as they are', 'Set them back to stretch and rgb for this data.');
  }
  if (keep !== undefined && resize !== 'crop') throw fail('keep is the share of an image that a crop leaves; it goes with resize crop');
  if (keep !== undefined && !(keep >= 10 && keep <= 100)) throw fail('keep is a number of per cent from 10 to 100');
  if (pad !== undefined && resize !== 'fit') throw fail('pad is the grey beside an image that was fitted; it goes with resize fit');
  if (pad !== undefined && !(Number.isInteger(pad) && pad >= 0 && pad <= 255)) throw fail('pad is a whole number from 0, black, to 255, white');
  if (channels === 1 && channelOrder === 'bgr') throw fail('the input has one channel, which has no order');
}

/** The sample as float32, same shape. Raises DATA_INVALID for a value that is NaN or infinite before or after. */
export function preprocess(sample: Tensor, settings: Preprocessing, channelAxis: number, where: ErrorPlace): Tensor<'float32'> {
  const { shape } = sample;
  const source = sample.data as ArrayLike<number | bigint>;
  const integer = sample.dtype !== 'float32' && sample.dtype !== 'float64';
  const { dequantize } = settings;
  if (dequantize && !integer) throw new RequantError('CONFIG_INVALID', `dequantize is for integer data; this is ${sample.dtype}`, where);
  const channels = shape[channelAxis] ?? 1;
  const inner = shape.slice(channelAxis + 1).reduce((n, d) => n * d, 1);
  const means = Float64Array.from({ length: channels }, (_, c) => settings.mean[settings.mean.length === 1 ? 0 : c] ?? 0);
  const stds = Float64Array.from({ length: channels }, (_, c) => settings.std[settings.std.length === 1 ? 0 : c] ?? 1);
  const zeroPoint = dequantize?.zeroPoint ?? 0;
  const step = dequantize?.scale ?? 1;
  const out = new Float32Array(source.length);
  for (let start = 0, c = 0; start < out.length; start += inner, c = c + 1 === channels ? 0 : c + 1) {
    const mean = means[c] ?? 0, std = stds[c] ?? 1;
    for (let i = start; i < start + inner; i++) {
      const value = ((Number(source[i]) - zeroPoint) * step * settings.scale - mean) / std;
      out[i] = value;
      if (!Number.isFinite(out[i])) {
        throw new RequantError('DATA_INVALID', `element ${i} is ${String(source[i])}${Number.isFinite(Number(source[i])) ? `, which becomes ${out[i]}` : ''}`, where);
      }
    }
  }
  return { dtype: 'float32', shape, data: out };
}
