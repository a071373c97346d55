// Where buffers lie: those that are never needed at the same time may share their bytes.

/** A buffer and the steps, first and last, between which its bytes are its own. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

const ALIGNMENT = 64;
/** Kernels may read this far beyond a buffer's end, never write. */
const SLACK = 64;

/** The largest first, each at the lowest place where nothing that lives with it lies. */
export function place(lifetimes: readonly Lifetime[]): Placement {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: { readonly from: number; readonly to: number; readonly first: number; readonly last: number }[] = [];
  let bytes = 0;
  for (const [i, life] of [...lifetimes.entries()].sort(([, a], [, b]) => b.bytes - a.bytes)) {
    const size = Math.ceil((life.bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    let at = 0;
    for (const other of placed) {
      if (other.first > life.last || other.last < life.first) continue;
      if (at + size <= other.from) break;
      at = Math.max(at, other.to);
    }
    offsets[i] = at;
    const place = { from: at, to: at + size, first: life.first, last: life.last };
    const next = placed.findIndex((other) => other.from > at);
    placed.splice(next < 0 ? placed.length : next, 0, place);
    bytes = Math.max(bytes, at + size);
  }
  return { offsets, bytes };
}
