// Depthwise convolution: one weight kernel a channel. Two taps make the pairs of a dot product; weights are packed [channels/8][taps/2][8][2]
// as 16-bit lanes. Taps outside the image read a row that holds the zero point.
import { add, dot, put, share, thread, zipHigh, zipLow } from './lanes';
import { Convolution, finish, settled, SINGLE } from './weighted';

export function depthwise(at: usize, part: i32, parts: i32): void {
  const c = changetype<Convolution>(at);
  const pixels = c.batch * c.outputH * c.outputW;
  const blocks = (c.channels + 7) >> 3;
  const p1 = share(pixels, part + 1, parts);
  const three = c.kernelH === 3 && c.kernelW === 3;
  for (let p = share(pixels, part, parts); p < p1;) {
    const row = p / c.outputW, ox = p - row * c.outputW, end = min(c.outputW, ox + p1 - p);
    const y = row % c.outputH * c.strideH - c.padTop;
    // Places of the row whose windows lie inside the image.
    let first = end, last = end;
    if (three && y >= 0 && y + 2 * c.dilationH < c.inputH) {
      first = min(end, max(ox, (c.padLeft + c.strideW - 1) / c.strideW));
      last = max(first, min(end, (c.inputW - 1 + c.padLeft - 2 * c.dilationW + c.strideW) / c.strideW));
    }
    for (let x = ox; x < first; x++) anywhere(c, p + x - ox, blocks);
    if (first < last) inside(c, row, y, first, last, blocks);
    for (let x = last; x < end; x++) anywhere(c, p + x - ox, blocks);
    p += end - ox;
  }
}

/** 3 x 3 kernels at the places [first, last) of a row: a block of channels at a time. */
function inside(c: Convolution, row: i32, y: i32, first: i32, last: i32, blocks: i32): void {
  const pixelBytes = <usize>c.channels << 1, lineBytes = <usize>(c.dilationH * c.inputW) * pixelBytes;
  const right = <usize>c.dilationW * pixelBytes, far = right << 1, step = <usize>c.strideW * pixelBytes;
  const start = c.x + <usize>((row / c.outputH * c.inputH + y) * c.inputW + first * c.strideW - c.padLeft) * pixelBytes;
  const sums = c.scratch + <usize>thread * c.scratchBytes, single = c.form === SINGLE;
  for (let t = 0; t < blocks; t++) {
    const w: usize = c.weights + <usize>t * 160;
    const lanes = c.channels - (t << 3);
    let r0: usize = start + (<usize>t << 4), r1 = r0 + lineBytes, r2 = r1 + lineBytes;
    let to: usize = c.y + <usize>(row * c.outputW + first) * pixelBytes + (<usize>t << 4);
    for (let x = first; x < last; x++) {
      let u = v128.load(r0), v = v128.load(r0 + right);
      let a = dot(zipLow(u, v), v128.load(w)), b = dot(zipHigh(u, v), v128.load(w, 16));
      u = v128.load(r0 + far); v = v128.load(r1);
      a = add(a, dot(zipLow(u, v), v128.load(w, 32))); b = add(b, dot(zipHigh(u, v), v128.load(w, 48)));
      u = v128.load(r1 + right); v = v128.load(r1 + far);
      a = add(a, dot(zipLow(u, v), v128.load(w, 64))); b = add(b, dot(zipHigh(u, v), v128.load(w, 80)));
      u = v128.load(r2); v = v128.load(r2 + right);
      a = add(a, dot(zipLow(u, v), v128.load(w, 96))); b = add(b, dot(zipHigh(u, v), v128.load(w, 112)));
      // The tenth tap has no weight.
      u = v128.load(r2 + far);
      a = add(a, dot(zipLow(u, u), v128.load(w, 128))); b = add(b, dot(zipHigh(u, u), v128.load(w, 144)));
      if (single) put(to, settled(c, a, b, <usize>t << 5), lanes);
      else {
        v128.store(sums, a);
        v128.store(sums, b, 16);
        finish(c, t, row * c.outputW + x, 1, sums, 0);
      }
      r0 += step; r1 += step; r2 += step;
      to += pixelBytes;
    }
  }
}

/** Any kernel at any place: the taps are looked up once for all channels. */
function anywhere(c: Convolution, pixel: i32, blocks: i32): void {
  const pairs = (c.kernelH * c.kernelW + 1) >> 1;
  const sums = c.scratch + <usize>thread * c.scratchBytes, taps = sums + 64, last = taps + (<usize>pairs << 3);
  locate(c, pixel, taps, pairs);
  let w: usize = c.weights;
  for (let t = 0; t < blocks; t++) {
    let a = i32x4.splat(0), b = a;
    const offset = <usize>t << 4;
    for (let tap = taps; tap < last; tap += 8) {
      const u = v128.load(<usize>load<u32>(tap) + offset), v = v128.load(<usize>load<u32>(tap, 4) + offset);
      a = add(a, dot(zipLow(u, v), v128.load(w)));
      b = add(b, dot(zipHigh(u, v), v128.load(w, 16)));
      w += 32;
    }
    if (c.form === SINGLE) put(c.y + (<usize>pixel * c.channels << 1) + offset, settled(c, a, b, <usize>t << 5), c.channels - (t << 3));
    else {
      v128.store(sums, a);
      v128.store(sums, b, 16);
      finish(c, t, pixel, 1, sums, 0);
    }
  }
}

/** Addresses of the pixel's taps, in the order of the weights. */
@inline function locate(c: Convolution, pixel: i32, taps: usize, pairs: i32): void {
  const image = c.outputH * c.outputW;
  const batch = pixel / image, rest = pixel - batch * image;
  const oy = rest / c.outputW, ox = rest - oy * c.outputW;
  const y = oy * c.strideH - c.padTop, x = ox * c.strideW - c.padLeft;
  store<u32>(taps + (<usize>pairs << 3) - 4, c.fillRow);
  for (let i = 0; i < c.kernelH; i++) {
    const yy = y + i * c.dilationH;
    for (let j = 0; j < c.kernelW; j++) {
      const xx = x + j * c.dilationW;
      const outside = yy < 0 || yy >= c.inputH || xx < 0 || xx >= c.inputW;
      store<u32>(taps, outside ? c.fillRow : c.x + (<u32>((batch * c.inputH + yy) * c.inputW + xx) * c.channels << 1));
      taps += 4;
    }
  }
}
