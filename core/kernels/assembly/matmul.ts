// Products of matrices that are both computed while the network runs: both are packed about their zero points, then multiplied tile by tile.
import { lowWords, narrow, put, rounded, scaledTwice, share, thread } from './lanes';
import { TILE, tile } from './tiles';
import { flush } from './weighted';

/** In the order of LAYOUTS.pack. */
@unmanaged class Pack {
  x: u32; y: u32;
  /** Rows of the left matrices or columns of the right ones, each `inner` long; steps are bytes. */
  matrices: i32; lines: i32; inner: i32; lineStep: i32; innerStep: i32;
  zero: i32;
  /** Lines of a tile. */
  lanes: i32;
  /** Numbers of a pair: 2, or 1 beside a 0 where 32 bits do not hold two products. */
  filled: i32;
}

/** [matrix][tile][k/2][lanes][2] of x - zero; 0 where a tile is not full. */
export function pack(at: usize, part: i32, parts: i32): void {
  const c = changetype<Pack>(at);
  const tiles = (c.lines + c.lanes - 1) / c.lanes, pairs = (c.inner + c.filled - 1) / c.filled, pairBytes = <usize>c.lanes << 2;
  for (let unit = share(c.matrices * tiles, part, parts), end = share(c.matrices * tiles, part + 1, parts); unit < end; unit++) {
    const matrix = unit / tiles, first = (unit - matrix * tiles) * c.lanes;
    const from: usize = c.x + (<usize>matrix * c.lines * c.inner << 1);
    const to: usize = c.y + <usize>unit * pairs * pairBytes;
    memory.fill(to, 0, <usize>pairs * pairBytes);
    for (let lane = 0, n = min(c.lanes, c.lines - first); lane < n; lane++) {
      let x: usize = from + <usize>(first + lane) * c.lineStep, y: usize = to + (<usize>lane << 2);
      for (let k = 0; k < c.inner; k++) {
        store<i16>(y, <i16>(load<i16>(x) - c.zero));
        x += c.innerStep;
        y += c.filled === 1 ? pairBytes : k & 1 ? pairBytes - 2 : 2;
      }
    }
  }
}

/** In the order of LAYOUTS.matmul. */
@unmanaged class Matmul {
  scale: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  /** Packed in tiles of 5 rows and of 8 columns. */
  a: u32; b: u32; y: u32;
  /** For each product the numbers of its left and its right matrix, 32 bits each. */
  places: u32;
  matrices: i32; rows: i32; columns: i32; pairs: i32;
  /** Pairs of k after which 32-bit sums are flushed to doubles. */
  flushPairs: i32;
  /** ROUNDED: y = round(sum * scale + offset). TWICE: TensorFlow Lite's multiplier. ONCE: rounded once, halves up, and cut to 32 bits. */
  form: i32; multiplier: i32; shift: i32; zeroPoint: i32;
  min: i32; max: i32;
  scratch: u32; scratchBytes: u32;
}

const ROUNDED: i32 = 0, TWICE: i32 = 1;

export function matmul(at: usize, part: i32, parts: i32): void {
  const c = changetype<Matmul>(at);
  const rowTiles = (c.rows + TILE - 1) / TILE, columnTiles = (c.columns + 7) >> 3;
  const aBytes = <usize>c.pairs * 20, bBytes = <usize>c.pairs << 5;
  const sums: usize = c.scratch + <usize>thread * c.scratchBytes, doubles = sums + 192;
  const units = c.matrices * columnTiles * rowTiles;
  for (let unit = share(units, part, parts), end = share(units, part + 1, parts); unit < end; unit++) {
    const strip = unit / rowTiles, first = (unit - strip * rowTiles) * TILE;
    const matrix = strip / columnTiles, column = (strip - matrix * columnTiles) << 3;
    const place: usize = c.places + (<usize>matrix << 3);
    const a: usize = c.a + (<usize>load<i32>(place) * rowTiles + first / TILE) * aBytes, b: usize = c.b + (<usize>load<i32>(place, 4) * columnTiles + (column >> 3)) * bBytes;
    const count = min(TILE, c.rows - first), lanes = min(8, c.columns - column);
    memory.fill(doubles, 0, 320);
    for (let k = 0; k < c.pairs; k += c.flushPairs) {
      tile<i16>(a + <usize>k * 20, b + (<usize>k << 5), min(c.flushPairs, c.pairs - k), sums);
      flush(doubles, sums, count);
    }
    finish(c, doubles, count, c.y + (<usize>((matrix * c.rows + first) * c.columns + column) << 1), lanes);
  }
}

function finish(c: Matmul, doubles: usize, count: i32, y: usize, lanes: i32): void {
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let i = 0; i < count; i++) {
    if (c.form !== ROUNDED) {
      for (let lane: usize = 0; lane < <usize>lanes; lane++) {
        const sum = <i64>load<f64>(doubles + (lane << 3));
        const q = (c.form === TWICE ? scaledTwice(sum, c.multiplier, c.shift) : <i64><i32>((sum * c.multiplier + (<i64>1 << (c.shift - 1))) >> c.shift)) + c.zeroPoint;
        store<i16>(y + (lane << 1), <i16>min(max(q, <i64>c.min), <i64>c.max));
      }
    } else {
      const r = narrow(
        lowWords(settled(c, v128.load(doubles)), settled(c, v128.load(doubles, 16))), lowWords(settled(c, v128.load(doubles, 32)), settled(c, v128.load(doubles, 48))), low, high);
      put(y, r, lanes);
    }
    doubles += 64;
    y += <usize>c.columns << 1;
  }
}
@inline function settled(c: Matmul, sum: v128): v128 {
  return rounded(sum, f64x2.splat(c.scale), f64x2.splat(c.offset), f64x2.splat(c.lower), f64x2.splat(c.upper), f64x2.splat(c.magic));
}
