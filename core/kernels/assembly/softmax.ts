// Softmax over one dimension: docs/numerics.md, softmax. The same doubles in the same order as core/ops/softmax.ts.
import { largest, share } from './lanes';

/** In the order of LAYOUTS.softmax. */
@unmanaged class Softmax {
  /** Multiplier times 2^-shift for a shift below 0; 2^shift above. */
  up: f64; down: f64;
  x: u32; y: u32;
  /** 32-bit entries: exp of the distance below the maximum. */
  table: u32;
  rows: i32; length: i32;
  zeroPoint: i32; min: i32; max: i32;
}

export function softmax(at: usize, part: i32, parts: i32): void {
  const c = changetype<Softmax>(at);
  const bytes = <usize>c.length << 1;
  for (let row: usize = share(c.rows, part, parts), end: usize = share(c.rows, part + 1, parts); row < end; row++) {
    const x: usize = c.x + row * bytes, y: usize = c.y + row * bytes;
    const top = largest(x, bytes);
    let sum: f64 = 0;
    for (let i: usize = 0; i < bytes; i += 2) sum += <f64>load<i32>(c.table + (<usize>(top - load<i16>(x + i)) << 2));
    const b = sum * c.down;
    for (let i: usize = 0; i < bytes; i += 2) {
      const a = <f64>load<i32>(c.table + (<usize>(top - load<i16>(x + i)) << 2)) * c.up;
      let q = floor((2 * a + b) / (2 * b));
      const rest = 2 * a + b - q * 2 * b;
      if (rest < 0) q -= 1; else if (rest >= 2 * b) q += 1;
      store<i16>(y + i, <i16>min(max(q + <f64>c.zeroPoint, <f64>c.min), <f64>c.max));
    }
  }
}
