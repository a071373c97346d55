// Moving stored integers: copies between strided views, picking positions, fills.
import { share } from './lanes';

/** In the order of LAYOUTS.copy. */
@unmanaged class Copy {
  x: u32; y: u32;
  /** Six dimensions, outermost first: size, step of x, step of y, in bytes. */
  dims: u32;
  /** Bytes of an element: 2 or 4. */
  width: i32;
}

export function copy(at: usize, part: i32, parts: i32): void {
  const c = changetype<Copy>(at);
  const d: usize = c.dims;
  const n0 = load<i32>(d), n1 = load<i32>(d, 12), n2 = load<i32>(d, 24), n3 = load<i32>(d, 36), n4 = load<i32>(d, 48), run = load<i32>(d, 60);
  const stepX = load<i32>(d, 64), stepY = load<i32>(d, 68);
  const rows = n0 * n1 * n2 * n3 * n4;
  for (let row = share(rows, part, parts), end = share(rows, part + 1, parts); row < end; row++) {
    let rest = row;
    const i4 = rest % n4; rest /= n4;
    const i3 = rest % n3; rest /= n3;
    const i2 = rest % n2; rest /= n2;
    const i1 = rest % n1, i0 = rest / n1;
    let x: usize = c.x + i0 * load<i32>(d, 4) + i1 * load<i32>(d, 16) + i2 * load<i32>(d, 28) + i3 * load<i32>(d, 40) + i4 * load<i32>(d, 52);
    let y: usize = c.y + i0 * load<i32>(d, 8) + i1 * load<i32>(d, 20) + i2 * load<i32>(d, 32) + i3 * load<i32>(d, 44) + i4 * load<i32>(d, 56);
    if (stepX === c.width && stepY === c.width) { memory.copy(y, x, <usize>run * c.width); continue; }
    if (c.width === 2) for (let i = 0; i < run; i++) { store<i16>(y, load<i16>(x)); x += stepX; y += stepY; }
    else for (let i = 0; i < run; i++) { store<i32>(y, load<i32>(x)); x += stepX; y += stepY; }
  }
}

/** In the order of LAYOUTS.fill. */
@unmanaged class Fill {
  y: u32;
  count: i32; value: i32;
}

/** 16-bit elements. */
export function fill(at: usize, part: i32, parts: i32): void {
  const c = changetype<Fill>(at);
  for (let i: usize = share(c.count, part, parts), end: usize = share(c.count, part + 1, parts); i < end; i++) store<i16>(c.y + (i << 1), <i16>c.value);
}

/** In the order of LAYOUTS.gather. */
@unmanaged class Gather {
  x: u32; y: u32;
  /** 32-bit positions along the dimension. */
  index: u32;
  outer: i32; count: i32;
  /** Bytes of what lies at one position, and of all positions of x. */
  bytes: i32; block: i32;
}

/** y[outer, i] = x[outer, index[i]]. */
export function gather(at: usize, part: i32, parts: i32): void {
  const c = changetype<Gather>(at);
  const rows = c.outer * c.count, bytes = <usize>c.bytes;
  for (let row = share(rows, part, parts), end = share(rows, part + 1, parts); row < end; row++) {
    const o = row / c.count;
    const from: usize = c.x + <usize>o * c.block + <usize>load<i32>(c.index + (<usize>(row - o * c.count) << 2)) * bytes, to: usize = c.y + <usize>row * bytes;
    if (bytes === 2) store<i16>(to, load<i16>(from)); else memory.copy(to, from, bytes);
  }
}
