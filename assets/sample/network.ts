// The sample network as a table: what is trained, what is exported. Every convolution is followed by a batch norm.

/** `ceiling` cuts an activation from above: 6 for ReLU6, Infinity for ReLU; absent means no activation. */
export type Block =
  | { readonly kind: 'convolution'; readonly name: string; readonly kernel: 1 | 3; readonly stride: 1 | 2; readonly from: number; readonly to: number; readonly ceiling?: number }
  | { readonly kind: 'depthwise'; readonly name: string; readonly stride: 1 | 2; readonly channels: number; readonly ceiling?: number }
  | { readonly kind: 'maxPool'; readonly name: string }
  | { readonly kind: 'residual'; readonly name: string; readonly body: readonly Block[] }
  | { readonly kind: 'globalAverage'; readonly name: string }
  | { readonly kind: 'dense'; readonly name: string; readonly from: number; readonly to: number };

export const NETWORK: readonly Block[] = [
  { kind: 'convolution', name: 'stem', kernel: 3, stride: 2, from: 3, to: 16, ceiling: 6 },
  { kind: 'depthwise', name: 'fine_depthwise', stride: 1, channels: 16, ceiling: 6 },
  { kind: 'convolution', name: 'fine_pointwise', kernel: 1, stride: 1, from: 16, to: 32, ceiling: 6 },
  { kind: 'maxPool', name: 'pool' },
  {
    kind: 'residual', name: 'residual', body: [
      { kind: 'convolution', name: 'residual_first', kernel: 3, stride: 1, from: 32, to: 32, ceiling: Infinity },
      { kind: 'convolution', name: 'residual_second', kernel: 3, stride: 1, from: 32, to: 32 },
    ],
  },
  { kind: 'depthwise', name: 'middle_depthwise', stride: 1, channels: 32, ceiling: 6 },
  { kind: 'convolution', name: 'middle_pointwise', kernel: 1, stride: 1, from: 32, to: 64, ceiling: 6 },
  { kind: 'depthwise', name: 'coarse_depthwise', stride: 2, channels: 64, ceiling: 6 },
  { kind: 'convolution', name: 'coarse_pointwise', kernel: 1, stride: 1, from: 64, to: 64, ceiling: 6 },
  { kind: 'globalAverage', name: 'average' },
  { kind: 'dense', name: 'classifier', from: 64, to: 10 },
];

/** Added to the variance under the root of every batch norm. */
export const EPSILON = 1e-5;

/** From a byte to what the network is fed: byte * scale, then (x - mean) / std. */
export const PREPROCESSING = { scale: 1 / 255, mean: [0.5], std: [0.25] } as const;
export const prepared = (byte: number): number => (byte * PREPROCESSING.scale - PREPROCESSING.mean[0]) / PREPROCESSING.std[0];
