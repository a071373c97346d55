// Lowering: how one integer node becomes instructions of the kernels, or why it cannot and runs on its reference kernel instead.
import type { Quantization } from '../../ir/index.ts';
import type { Instruction } from '../../kernels/index.ts';
import { clamp } from '../../ops/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** A value as a kernel sees it. Stored int8 and int16 are 16-bit lanes in the kernels' memory, int32 and float32 take 4 bytes. */
export interface Stored {
  readonly shape: readonly number[];
  readonly quantization: Quantization | null;
}

/** A node as lowering sees it. Constants are by role. */
export interface NodeShape {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly inputs: readonly Stored[];
  readonly output: Stored;
  /** Copies constants into the kernels' memory, where they stay as long as the model. */
  readonly pin: (data: ArrayBufferView) => number;
}

/** Addresses given to a node when its graph's memory is planned. */
export interface Addresses {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly temporaries: readonly number[];
  /** Scratch of the first thread; the others' follow. */
  readonly scratch: number;
  /** A word to set where the input holds NaN or an infinity. */
  readonly bad: number;
}

export interface Lowered {
  /** Multiply-accumulates or elements: what running it costs, roughly. */
  readonly cost: number;
  /** Bytes of each buffer that it needs besides inputs and output. */
  readonly temporaries?: readonly number[];
  /** Bytes that each thread needs. */
  readonly scratchBytes?: number;
  /** The output is the input's memory, unchanged. */
  readonly alias?: true;
  readonly instructions: (at: Addresses) => readonly Instruction[];
}

export interface NotLowered {
  readonly reason: string;
}

export type Lowering = (node: NodeShape) => Lowered | NotLowered;

/** Pieces that take about 10 microseconds each, in products and in other elements. */
export const PIECE = { products: 2 ** 19, elements: 2 ** 14 } as const;
const MOST_HALVINGS = 6;
/** How many pieces `work` is dealt out in: a power of two, so that they come out even, and at most `most`. */
export const piecesOf = (work: number, smallest: number, most = Infinity): number => 2 ** clamp(Math.floor(Math.log2(Math.min(work / smallest, most))), 0, MOST_HALVINGS);

/** Doubles for each of `count` elements, and zeros up to a multiple of 8. */
export const eights = (count: number, make: (i: number) => number): Float64Array =>
  Float64Array.from({ length: Math.ceil(count / 8) * 8 }, (_, i) => (i < count ? make(i) : 0));

export const widthOf = (q: Quantization | null): number => (q === null || q.dtype === 'int32' ? 4 : 2);
export const bytesOfValue = ({ shape, quantization }: Stored): number => sizeOf(shape) * widthOf(quantization);

export const UNPROVED: NotLowered = { reason: 'its sums are not proved to stay within 64 bits' };
export const STRANGE: NotLowered = { reason: 'its attributes or shapes are not those that the kernel knows' };
