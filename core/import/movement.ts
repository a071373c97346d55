// What importers share about moving numbers: blocks between depth and space, picks by index, repetition.

/** A reshape, a transpose and a reshape that together move blocks, of a channels-last image. */
export interface BlockMovement {
  readonly apart: readonly number[];
  readonly perm: readonly number[];
  readonly joined: readonly number[];
}
type BlockKind = 'depth first' | 'columns first' | 'to depth';

/**
 * Depth to space with the block's position before ('depth first': DCR in ONNX, and what TensorFlow does) or behind ('columns first': CRD)
 * the new channels, or space to depth. Undefined where the blocks do not fit.
 */
export function blockMovement([n = 1, h = 1, w = 1, c = 1]: readonly number[], b: number, kind: BlockKind): BlockMovement | undefined {
  if (!Number.isInteger(b) || b < 1) return undefined;
  if (kind === 'to depth') {
    if (h % b !== 0 || w % b !== 0) return undefined;
    return { apart: [n, h / b, b, w / b, b, c], perm: [0, 1, 3, 2, 4, 5], joined: [n, h / b, w / b, c * b * b] };
  }
  if (c % (b * b) !== 0) return undefined;
  const depth = c / (b * b);
  const joined = [n, h * b, w * b, depth];
  return kind === 'depth first'
    ? { apart: [n, h, w, b, b, depth], perm: [0, 1, 3, 2, 4, 5], joined }
    : { apart: [n, h, w, depth, b, b], perm: [0, 1, 4, 2, 5, 3], joined };
}

/** Start, end and step of a slice. */
export type Bounds = readonly [start: number, end: number, step: number];

/** The indices as a slice, where they are evenly spaced. */
export function asBounds(indices: readonly number[]): Bounds | undefined {
  const [start = 0, second = start + 1] = indices;
  const step = second - start;
  if (step === 0 || indices.some((index, i) => index !== start + i * step)) return undefined;
  const last = indices.at(-1) ?? 0;
  return [start, last + Math.sign(step), step];
}

/** Positions 0 to size - 1, `times` over. */
export const repeated = (size: number, times: number): readonly number[] => Array.from({ length: size * times }, (_, i) => i % size);

export type PadMode = 'reflect' | 'symmetric' | 'edge' | 'wrap';
const remainder = (at: number, period: number): number => ((at % period) + period) % period;
/** Where the positions of a padded dimension lie in it. `reflect` leaves the edge out of the mirror image, `symmetric` repeats it. */
const MIRRORS: Readonly<Record<PadMode, (at: number, size: number) => number>> = {
  reflect: (at, size) => { const i = size === 1 ? 0 : remainder(at, 2 * size - 2); return i < size ? i : 2 * size - 2 - i; },
  symmetric: (at, size) => { const i = remainder(at, 2 * size); return i < size ? i : 2 * size - 1 - i; },
  edge: (at, size) => Math.min(size - 1, Math.max(0, at)),
  wrap: remainder,
};
export const isPadMode = (mode: string): mode is PadMode => Object.hasOwn(MIRRORS, mode);
/** Indices that pad a dimension by picking from it; fewer than 0 before or after crop it. */
export const padIndices = (mode: PadMode, size: number, before: number, after: number): readonly number[] =>
  Array.from({ length: Math.max(0, size + before + after) }, (_, i) => MIRRORS[mode](i - before, size));
