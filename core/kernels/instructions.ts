// The instructions of the kernels: for each its parameters, in the order and the types of its class in assembly/. A parameter block is laid
// out as the compiler lays out that class: one field after the other, each at a multiple of its own size.

const POINTER = 'u32', INTEGER = 'i32', DOUBLE = 'f64';
const ROWS = { a: POINTER, b: POINTER, y: POINTER, rows: INTEGER, run: INTEGER, aStep: INTEGER, bStep: INTEGER, yStep: INTEGER } as const;
const ROUNDING = { offset: DOUBLE, lower: DOUBLE, upper: DOUBLE, magic: DOUBLE } as const;
const FACTOR = { multiplier: INTEGER, shift: INTEGER } as const;
const BOUNDS = { min: INTEGER, max: INTEGER } as const;
/** [outer, length, inner], of which the middle is reduced. */
const MIDDLE = { outer: INTEGER, length: INTEGER, inner: INTEGER } as const;
const POOL = {
  lower: DOUBLE, upper: DOUBLE, magic: DOUBLE, x: POINTER, y: POINTER,
  batch: INTEGER, inputH: INTEGER, inputW: INTEGER, channels: INTEGER, outputH: INTEGER, outputW: INTEGER,
  kernelH: INTEGER, kernelW: INTEGER, strideH: INTEGER, strideW: INTEGER, dilationH: INTEGER, dilationW: INTEGER, padTop: INTEGER, padLeft: INTEGER,
  steps: POINTER, whole: INTEGER, ...BOUNDS,
} as const;
const CONVOLUTION = {
  magic: DOUBLE, x: POINTER, y: POINTER, weights: POINTER,
  scale: POINTER, offset: POINTER, lower: POINTER, upper: POINTER, wide: POINTER,
  batch: INTEGER, inputH: INTEGER, inputW: INTEGER, channels: INTEGER, outputH: INTEGER, outputW: INTEGER, outputs: INTEGER,
  kernelH: INTEGER, kernelW: INTEGER, strideH: INTEGER, strideW: INTEGER, dilationH: INTEGER, dilationW: INTEGER, padTop: INTEGER, padLeft: INTEGER,
  groups: INTEGER, groupChannels: INTEGER, groupOutputs: INTEGER, groupTiles: INTEGER,
  runs: INTEGER, runLength: INTEGER, merged: INTEGER, fill: INTEGER, fillRow: POINTER,
  form: INTEGER, ...BOUNDS, zeroPoint: INTEGER, flushPairs: INTEGER, byPixels: INTEGER, single: INTEGER, blockPixels: INTEGER, weightBytes: INTEGER,
  scratch: POINTER, scratchBytes: POINTER,
} as const;

/** Kernel -> parameters. The order of the kernels is that of `execute` in assembly/index.ts. */
export const LAYOUTS = {
  convolution: CONVOLUTION,
  depthwise: CONVOLUTION,
  affine: { ka: DOUBLE, kb: DOUBLE, ...ROUNDING, ...ROWS, ...BOUNDS },
  blend: { ...ROWS, ma: INTEGER, mb: INTEGER, round: INTEGER, shift: INTEGER, ...BOUNDS },
  product: { scale: DOUBLE, ...ROUNDING, ...ROWS, za: INTEGER, zb: INTEGER, ...BOUNDS },
  table: { x: POINTER, y: POINTER, table: POINTER, count: INTEGER, first: INTEGER },
  maxPool: POOL,
  averagePool: POOL,
  copy: { x: POINTER, y: POINTER, dims: POINTER, width: INTEGER },
  fill: { y: POINTER, count: INTEGER, value: INTEGER },
  quantize: { scale: DOUBLE, x: POINTER, y: POINTER, count: INTEGER, zeroPoint: INTEGER, ...BOUNDS, bad: POINTER, away: INTEGER },
  dequantize: { x: POINTER, y: POINTER, scales: POINTER, channels: INTEGER, count: INTEGER, zeroPoint: INTEGER, width: INTEGER },
  softmax: { up: DOUBLE, down: DOUBLE, x: POINTER, y: POINTER, table: POINTER, rows: INTEGER, length: INTEGER, zeroPoint: INTEGER, ...BOUNDS },
  gather: { x: POINTER, y: POINTER, index: POINTER, outer: INTEGER, count: INTEGER, bytes: INTEGER, block: INTEGER },
  reduce: {
    scale: DOUBLE, ...ROUNDING, x: POINTER, y: POINTER, ...MIDDLE, form: INTEGER, piece: INTEGER,
    zeros: INTEGER, ...FACTOR, zeroPoint: INTEGER, ...BOUNDS,
  },
  argument: { x: POINTER, y: POINTER, ...MIDDLE, sign: INTEGER, last: INTEGER },
  pack: { x: POINTER, y: POINTER, matrices: INTEGER, lines: INTEGER, inner: INTEGER, lineStep: INTEGER, innerStep: INTEGER, zero: INTEGER, lanes: INTEGER, filled: INTEGER },
  matmul: {
    scale: DOUBLE, ...ROUNDING, a: POINTER, b: POINTER, y: POINTER, places: POINTER, matrices: INTEGER, rows: INTEGER, columns: INTEGER, pairs: INTEGER,
    flushPairs: INTEGER, form: INTEGER, ...FACTOR, zeroPoint: INTEGER, ...BOUNDS, scratch: POINTER, scratchBytes: POINTER,
  },
  bilinear: {
    scale: DOUBLE, ...ROUNDING, x: POINTER, y: POINTER, down: POINTER, across: POINTER,
    batch: INTEGER, imageBytes: INTEGER, rows: INTEGER, columns: INTEGER, channels: INTEGER,
    form: INTEGER, constantLow: POINTER, constantHigh: INTEGER, ...FACTOR, zeroPoint: INTEGER, ...BOUNDS,
  },
  layerNorm: {
    epsilon: DOUBLE, x: POINTER, y: POINTER, factors: POINTER, terms: POINTER, halves: POINTER, units: POINTER,
    rows: INTEGER, length: INTEGER, unitBits: INTEGER, zeroPoint: INTEGER, ...BOUNDS,
  },
  responseNorm: {
    x: POINTER, y: POINTER, factors: POINTER, rises: POINTER, shifts: POINTER, pixels: INTEGER, channels: INTEGER, aside: INTEGER, zero: INTEGER, zeroPoint: INTEGER, ...BOUNDS,
  },
  slope: { scale: DOUBLE, ...ROUNDING, x: POINTER, y: POINTER, scales: POINTER, offsets: POINTER, rows: INTEGER, run: INTEGER, zero: INTEGER, ...BOUNDS },
  tflitePair: {
    ...ROWS, form: INTEGER, za: INTEGER, zb: INTEGER,
    tableA: POINTER, tableB: POINTER, raise: INTEGER, multiplierA: INTEGER, shiftA: INTEGER, multiplierB: INTEGER, shiftB: INTEGER,
    sign: INTEGER, ...FACTOR, zeroPoint: INTEGER, ...BOUNDS,
  },
  tfliteSoftmax: { x: POINTER, y: POINTER, table: POINTER, rows: INTEGER, length: INTEGER, ...BOUNDS },
  tfliteAveragePool: POOL,
  tfliteWideSoftmax: { x: POINTER, y: POINTER, powers: POINTER, reciprocals: POINTER, rows: INTEGER, length: INTEGER },
  weightErrors: { spread: DOUBLE, weights: POINTER, channels: INTEGER, run: INTEGER, means: POINTER, scales: POINTER, candidates: INTEGER, y: POINTER },
  roundWeights: {
    weights: POINTER, scales: POINTER, y: POINTER, channels: INTEGER, run: INTEGER, inner: INTEGER, balanced: INTEGER,
    means: POINTER, errors: POINTER, scratch: POINTER, scratchBytes: POINTER,
  },
  squaredErrors: { edges: POINTER, drops: POINTER, count: INTEGER, candidates: POINTER, candidateCount: INTEGER, y: POINTER },
  quantizeStored: { scale: DOUBLE, x: POINTER, y: POINTER, count: INTEGER, zeroPoint: INTEGER, ...BOUNDS, width: INTEGER, bad: POINTER },
} as const satisfies Record<string, Readonly<Record<string, 'u32' | 'i32' | 'f64'>>>;

export type Kernel = keyof typeof LAYOUTS;
const KERNELS = Object.keys(LAYOUTS) as readonly Kernel[];
export type Parameters<K extends Kernel> = Readonly<Record<keyof (typeof LAYOUTS)[K], number>>;

/** One call of a kernel, its parameters in plain numbers; addresses are bytes in the kernels' memory. */
export interface Instruction {
  readonly kernel: number;
  readonly parameters: Uint8Array;
  /** Pieces that its work is dealt out in, at most {@link MOST_PIECES}; absent: as many as its share of the node's cost asks for. */
  readonly pieces?: number;
}

/** The kernels' ticket has eight bits for them. */
export const MOST_PIECES = 255;

export function instruction<K extends Kernel>(kernel: K, parameters: Parameters<K>, pieces?: number): Instruction {
  const fields = Object.entries(LAYOUTS[kernel]) as [keyof Parameters<K>, 'u32' | 'i32' | 'f64'][];
  const bytes = new DataView(new ArrayBuffer(fields.length * 8));
  let at = 0;
  for (const [name, type] of fields) {
    const value = parameters[name];
    switch (type) {
      case 'f64':
        at = (at + 7) & ~7;
        bytes.setFloat64(at, value, true);
        at += 8;
        break;
      case 'i32': bytes.setInt32(at, value, true); at += 4; break;
      case 'u32': bytes.setUint32(at, value, true); at += 4; break;
    }
  }
  return { kernel: KERNELS.indexOf(kernel), parameters: new Uint8Array(bytes.buffer, 0, at), ...pieces === undefined ? {} : { pieces } };
}

/** 1.5 * 2^52, see assembly/lanes.ts. */
export const MAGIC = 6755399441055744;

/** Forms of a weighted layer's outputs, see assembly/weighted.ts. */
export const FORM = { short: 0, clamped: 1, int32: 2, wide: 3, twice: 4, once: 5, split: 6, single: 7 } as const;

/** Byte addresses of control words, see assembly/dealing.ts. */
export const CONTROL = { ready: 1024, ticket: 1216, state: 1280 } as const;
/** State of the threads: anything but running makes them end. */
export const STATE = { running: 0, closed: 1, failed: 2 } as const;
