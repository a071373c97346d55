// Convolution and fully connected layers: int16 lanes times weights of 8 or 16 bits into 32-bit sums, 5 pixels x 8 output channels at a time.
// Windows are packed [k/2][5 pixels][2], weights [channels/8][k/2][8 channels][2]; k runs over kernel rows, each padded to 2 (one pixel: to 8).
import { serial } from './dealing';
import { share, thread } from './lanes';
import { row, row16, TILE, tile } from './tiles';
import { Convolution, finish, flush } from './weighted';

/** Spreads `length` elements over the tile's column at `to`, and up to 6 more, which the next ones overwrite. Returns where these go. */
@inline function spread(from: usize, to: usize, length: i32): usize {
  const next = to + <usize>length * 10;
  while (to < next) {
    const v = v128.load(from);
    v128.store32_lane(to, v, 0); v128.store32_lane(to, v, 1, 20); v128.store32_lane(to, v, 2, 40); v128.store32_lane(to, v, 3, 60);
    from += 16;
    to += 80;
  }
  return next;
}

/** A window that leaves the image, gathered to `line` with the zero point outside. */
function gather(c: Convolution, group: i32, batch: i32, y: i32, x: i32, line: usize): void {
  const tap = <usize>c.groupChannels << 1;
  const rowBytes = <usize>c.runLength << 1;
  for (let i = 0; i < c.kernelH; i++) {
    const yy = y + i * c.dilationH;
    for (let j = 0; j < c.kernelW; j++) {
      const xx = x + j * c.dilationW;
      const to = line + (c.merged ? <usize>i * rowBytes + <usize>j * tap : <usize>(i * c.kernelW + j) * rowBytes);
      if (yy < 0 || yy >= c.inputH || xx < 0 || xx >= c.inputW) for (let k: usize = 0; k < tap; k += 2) store<i16>(to + k, <i16>c.fill);
      else memory.copy(to, c.x + ((<usize>((batch * c.inputH + yy) * c.inputW + xx) * c.channels + group * c.groupChannels) << 1), tap);
    }
  }
}

/** 1 x 1 kernels that read each pixel in its place. */
@inline function isPointwise(c: Convolution): bool {
  return c.kernelH === 1 && c.kernelW === 1 && c.strideH === 1 && c.strideW === 1 && (c.padTop | c.padLeft) === 0 && c.inputH === c.outputH && c.inputW === c.outputW;
}

/** Packs one pixel's window. `line`: room for a window that has to be gathered first. `stride` 20: a column of a tile; 0: plain order. */
function pack(c: Convolution, group: i32, pixel: i32, to: usize, line: usize, plain: bool): void {
  const image = c.outputH * c.outputW;
  const batch = pixel / image, rest = pixel - batch * image;
  const oy = rest / c.outputW, ox = rest - oy * c.outputW;
  const y = oy * c.strideH - c.padTop, x = ox * c.strideW - c.padLeft;
  const inside = y >= 0 && x >= 0 && y + (c.kernelH - 1) * c.dilationH < c.inputH && x + (c.kernelW - 1) * c.dilationW < c.inputW;
  if (plain) return gather(c, group, batch, y, x, to);
  if (!inside) {
    gather(c, group, batch, y, x, line);
    spread(line, to, c.runLength * c.runs);
    return;
  }
  const pixelBytes = <usize>c.channels << 1;
  const base = c.x + (<usize>((batch * c.inputH + y) * c.inputW + x) * pixelBytes) + (<usize>(group * c.groupChannels) << 1);
  for (let i = 0; i < c.kernelH; i++) {
    const from = base + <usize>(i * c.dilationH * c.inputW) * pixelBytes;
    if (c.merged) to = spread(from, to, c.runLength);
    else for (let j = 0; j < c.kernelW; j++) to = spread(from + <usize>(j * c.dilationW) * pixelBytes, to, c.runLength);
  }
}

/** Which instruction and group this thread's scratch was packed for, where it is dealt out by channels: the pixels are then the same for every piece. */
let packedSerial: i32 = 0, packedGroup: i32 = -1;

export function convolution(at: usize, part: i32, parts: i32): void {
  const c = changetype<Convolution>(at);
  const pixels = c.batch * c.outputH * c.outputW;
  const tiles = c.groups * c.groupTiles;
  let p0 = 0, p1 = pixels, t0 = 0, t1 = tiles;
  if (c.byPixels) {
    const columns = (pixels + TILE - 1) / TILE;
    p0 = min(pixels, share(columns, part, parts) * TILE);
    p1 = min(pixels, share(columns, part + 1, parts) * TILE);
  } else {
    t0 = share(tiles, part, parts);
    t1 = share(tiles, part + 1, parts);
  }
  if (p0 >= p1 || t0 >= t1) return;
  const pairs = c.runs * (c.runLength >> 1);
  const sums = c.scratch + <usize>thread * c.scratchBytes, doubles = sums + 192, line = doubles + 384;
  const pointwise = isPointwise(c);
  const packed = line + (((<usize>pairs << 2) + 63) & ~63);
  for (let group = t0 / c.groupTiles; group * c.groupTiles < t1; group++) {
    const first = max(t0, group * c.groupTiles), last = min(t1, (group + 1) * c.groupTiles);
    if (c.single) {
      for (let p = p0; p < p1; p++) {
        pack(c, group, p, line, line, true);
        for (let t = first; t < last; t++) sum(c, t, p, 1, line, 4, pairs, sums, doubles);
      }
      continue;
    }
    const columnBytes = <usize>pairs * 20;
    for (let block = p0; block < p1; block += c.blockPixels) {
      const end = min(block + c.blockPixels, p1);
      if (c.byPixels || parts === 1 || packedSerial !== serial || packedGroup !== group) {
        let to = packed;
        for (let p = block; p < end; p += TILE) {
          for (let i = 0, n = min(TILE, end - p); i < n; i++) {
            if (pointwise) spread(c.x + (<usize>((p + i) * c.channels + group * c.groupChannels) << 1), to + (<usize>i << 2), c.runLength);
            else pack(c, group, p + i, to + (<usize>i << 2), line, false);
          }
          to += columnBytes;
        }
        packedSerial = serial;
        packedGroup = group;
      }
      for (let t = first; t < last; t++) {
        let from = packed;
        for (let p = block; p < end; p += TILE) {
          sum(c, t, p, min(TILE, end - p), from, 20, pairs, sums, doubles);
          from += columnBytes;
        }
      }
    }
  }
}

/** Sums of one tile of channels for up to five pixels, then outputs. Where 32 bits do not hold a whole sum they are flushed to doubles on the way. */
@inline function sum(c: Convolution, t: i32, pixel: i32, count: i32, x: usize, pairBytes: usize, pairs: i32, sums: usize, doubles: usize): void {
  const w = c.weights + (<usize>t * pairs << 3 << c.weightBytes);
  if (!c.flushPairs) {
    products(c, x, w, pairBytes, pairs, sums);
    return finish(c, t, pixel, count, sums, 0);
  }
  memory.fill(doubles, 0, 320);
  for (let k = 0; k < pairs; k += c.flushPairs) {
    products(c, x + <usize>k * pairBytes, w + (<usize>k << 3 << c.weightBytes), pairBytes, min(c.flushPairs, pairs - k), sums);
    flush(doubles, sums, count);
  }
  finish(c, t, pixel, count, sums, doubles);
}
@inline function products(c: Convolution, x: usize, w: usize, pairBytes: usize, pairs: i32, sums: usize): void {
  if (c.weightBytes === 1) { if (pairBytes === 4) row(x, w, pairs, sums); else tile<i8>(x, w, pairs, sums); }
  else if (pairBytes === 4) row16(x, w, pairs, sums); else tile<i16>(x, w, pairs, sums);
}
