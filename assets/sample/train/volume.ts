// What flows between layers in training: a batch of feature maps, channels innermost (NHWC), in double precision.

export interface Volume {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

export function volume(count: number, height: number, width: number, channels: number): Volume {
  return { count, height, width, channels, data: new Float64Array(count * height * width * channels) };
}

/** Zeros of the same shape. */
export const zerosLike = (v: Volume): Volume => ({ ...v, data: new Float64Array(v.data.length) });
