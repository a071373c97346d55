// The inner loops of everything that adds up products: 5 pixels x 8 channels, or one pixel, over pairs of k. Weights are bytes or 16-bit lanes.
import { add, dot } from './lanes';

/** Pixels of a tile. */
export const TILE: i32 = 5;

/** Eight weights as 16-bit lanes. */
@inline function weights<W>(w: usize): v128 { return sizeof<W>() === 1 ? v128.load8x8_s(w) : v128.load(w); }

/** 5 pixels x 8 channels over `pairs` pairs of k, weights of type W; ten accumulators stay in registers. Not unrolled: more code is slower here. */
export function tile<W>(a: usize, w: usize, pairs: i32, sums: usize): void {
  let a00 = i32x4.splat(0), a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00, a40 = a00, a41 = a00;
  const step = sizeof<W>() << 4, end = w + <usize>pairs * step;
  while (w < end) {
    const w0 = weights<W>(w), w1 = weights<W>(w + (step >> 1));
    let x = v128.load32_splat(a); a00 = add(a00, dot(x, w0)); a01 = add(a01, dot(x, w1));
    x = v128.load32_splat(a, 4); a10 = add(a10, dot(x, w0)); a11 = add(a11, dot(x, w1));
    x = v128.load32_splat(a, 8); a20 = add(a20, dot(x, w0)); a21 = add(a21, dot(x, w1));
    x = v128.load32_splat(a, 12); a30 = add(a30, dot(x, w0)); a31 = add(a31, dot(x, w1));
    x = v128.load32_splat(a, 16); a40 = add(a40, dot(x, w0)); a41 = add(a41, dot(x, w1));
    a += 20;
    w += step;
  }
  v128.store(sums, a00); v128.store(sums, a01, 16); v128.store(sums, a10, 32); v128.store(sums, a11, 48); v128.store(sums, a20, 64);
  v128.store(sums, a21, 80); v128.store(sums, a30, 96); v128.store(sums, a31, 112); v128.store(sums, a40, 128); v128.store(sums, a41, 144);
}

/** One pixel, k in memory order: for layers with a pixel or two, where packing five would waste three. */
export function row(x: usize, w: usize, pairs: i32, sums: usize): void {
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0;
  const end = w + (<usize>pairs << 4);
  while (w < end) {
    let v = v128.load32_splat(x);
    a0 = add(a0, dot(v, v128.load8x8_s(w))); a1 = add(a1, dot(v, v128.load8x8_s(w, 8)));
    v = v128.load32_splat(x, 4);
    b0 = add(b0, dot(v, v128.load8x8_s(w, 16))); b1 = add(b1, dot(v, v128.load8x8_s(w, 24)));
    x += 8;
    w += 32;
  }
  v128.store(sums, add(a0, b0)); v128.store(sums, add(a1, b1), 16);
}

/** {@link row} with weights of 16 bits. */
export function row16(x: usize, w: usize, pairs: i32, sums: usize): void {
  let a0 = i32x4.splat(0), a1 = a0;
  for (const end = w + (<usize>pairs << 5); w < end; w += 32) {
    const v = v128.load32_splat(x);
    a0 = add(a0, dot(v, v128.load(w))); a1 = add(a1, dot(v, v128.load(w, 16)));
    x += 4;
  }
  v128.store(sums, a0); v128.store(sums, a1, 16);
}
