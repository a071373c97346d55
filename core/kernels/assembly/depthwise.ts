// Depthwise convolution: one weight kernel a channel. Two taps make the pairs of a dot product; weights are packed [channels/8][taps/2][8][2]
// as 16-bit lanes. Taps outside the image read a row that holds the zero point.
import { add, dot, share, thread, zipHigh, zipLow } from './lanes';
import { Convolution, finish } from './weighted';

export function depthwise(at: usize, part: i32, parts: i32): void {
  const c = changetype<Convolution>(at);
  const pixels = c.batch * c.outputH * c.outputW;
  const blocks = (c.channels + 7) >> 3;
  const pairs = (c.kernelH * c.kernelW + 1) >> 1;
  let p0 = 0, p1 = pixels, t0 = 0, t1 = blocks;
  if (pixels >= parts << 2) { p0 = share(pixels, part, parts); p1 = share(pixels, part + 1, parts); }
  else { t0 = share(blocks, part, parts); t1 = share(blocks, part + 1, parts); }
  const sums = c.scratch + <usize>thread * c.scratchBytes, taps = sums + 64;
  const last = taps + (<usize>pairs << 3);
  for (let p = p0; p < p1; p++) {
    locate(c, p, taps, pairs);
    for (let t = t0; t < t1; t++) {
      let a0 = i32x4.splat(0), a1 = a0;
      let w: usize = c.weights + (<usize>(t * pairs) << 5);
      const offset = <usize>t << 4;
      for (let tap = taps; tap < last; tap += 8) {
        const u = v128.load(<usize>load<u32>(tap) + offset), v = v128.load(<usize>load<u32>(tap, 4) + offset);
        a0 = add(a0, dot(zipLow(u, v), v128.load(w)));
        a1 = add(a1, dot(zipHigh(u, v), v128.load(w, 16)));
        w += 32;
      }
      v128.store(sums, a0);
      v128.store(sums, a1, 16);
      finish(c, t, p, 1, sums, 0);
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
