// How a sample lies in memory against how the model declares its input: found from the shapes, decided by the user
// where the shapes leave a choice.
import { sameShape, transpose, type ElementType, type Tensor } from './tensor.ts';
import type { DataLayout } from './preprocessing.ts';

/** A model input as data sees it; structurally a Port of the graph. */
export interface InputShape {
  readonly name: string;
  /** As the source file declares it, batch 1 first. */
  readonly shape: readonly number[];
  /** Permutation from the file's dimension order to channels-last; absent where the file is channels-last. */
  readonly toGraph?: readonly number[];
  /** Element type; numbers of any kind where absent. */
  readonly dtype?: ElementType;
}

/** Axis of `shape` that counts channels. */
export const channelAxisOf = (port: InputShape): number => port.toGraph?.at(-1) ?? Math.max(0, port.shape.length - 1);

/** Ones carry no order, so (28, 28) and (1, 28, 28) and (28, 28, 1) are the same run of numbers. */
const withoutOnes = (shape: readonly number[]): readonly number[] => shape.filter((d) => d !== 1);
export const sameRun = (a: readonly number[], b: readonly number[]): boolean => sameShape(withoutOnes(a), withoutOnes(b));

/** The port's order, or a foreign order: its shape and the permutation that leads from it to the port's. */
interface Reading {
  readonly shape: readonly number[];
  readonly toPort: readonly number[];
}

const layoutOf = (port: InputShape): DataLayout => (port.toGraph ? 'nchw' : 'nhwc');

/** The other common order of a port's dimensions: channels-last for a channels-first port, and the reverse for images. */
function foreignReading(port: InputShape): Reading | undefined {
  const { shape, toGraph } = port;
  const order = toGraph ?? (shape.length === 4 ? [0, 3, 1, 2] : undefined);
  if (!order) return undefined;
  return { shape: order.map((axis) => shape[axis] ?? 1), toPort: shape.map((_, axis) => order.indexOf(axis)) };
}

/** A port's dimensions as data of this order has them; the port's own where nothing is said or it has no such order. */
export function shapeIn(port: InputShape, layout: DataLayout | undefined): readonly number[] {
  return layout === undefined || layout === layoutOf(port) ? port.shape : foreignReading(port)?.shape ?? port.shape;
}

/** Brings one sample into the port's shape, or says undefined where no reading fits. */
export function arrange(sample: Tensor, port: InputShape, layout?: DataLayout): Tensor | undefined {
  const foreign = foreignReading(port);
  const asIs = sameRun(sample.shape, port.shape);
  const permuted = foreign !== undefined && sameRun(sample.shape, foreign.shape);
  if (asIs && !(permuted && layout !== undefined && layout !== layoutOf(port))) return { ...sample, shape: port.shape };
  if (permuted) return transpose({ ...sample, shape: foreign.shape }, foreign.toPort);
  return undefined;
}

/** Height, width and channels of an input that takes an image, or undefined. */
export function imageSizeOf(port: InputShape): { readonly height: number; readonly width: number; readonly channels: 1 | 3 } | undefined {
  const shape = (port.toGraph ?? [0, 1, 2, 3]).map((axis) => port.shape[axis] ?? 0);
  const [batch, height, width, channels] = shape;
  if (port.shape.length !== 4 || batch !== 1 || !height || !width || (channels !== 1 && channels !== 3)) return undefined;
  return { height, width, channels };
}
