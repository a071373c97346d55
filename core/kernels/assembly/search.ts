// The searches for a clip range: what candidates cost, each lane a candidate, added up in the order of the edges as a plain loop would.
import { both, share } from './lanes';

/** In the order of LAYOUTS.squaredErrors; all doubles. */
@unmanaged class SquaredErrors {
  /** [edges]. */
  edges: u32; drops: u32;
  count: i32;
  /** [candidates, 3]: steps per unit, lowest level, highest level. */
  candidates: u32; candidateCount: i32;
  /** [candidates]. */
  y: u32;
}

/** See core/calibrate/mse.ts: 12 times the sum of the antiderivative of the squared error at each edge, times the drop of the density there. */
export function squaredErrors(at: usize, part: i32, parts: i32): void {
  const c = changetype<SquaredErrors>(at);
  const pairs = (c.candidateCount + 1) >> 1, bytes = <usize>c.count << 3;
  for (let pair = share(pairs, part, parts), last = share(pairs, part + 1, parts); pair < last; pair++) {
    const i = pair << 1, j = min(i + 1, c.candidateCount - 1);
    const a = <usize>c.candidates + <usize>i * 24, b = <usize>c.candidates + <usize>j * 24;
    const inverse = both(a, b), low = both(a + 8, b + 8), high = both(a + 16, b + 16), half = f64x2.splat(0.5), four = f64x2.splat(4);
    let error = f64x2.splat(0);
    for (let e: usize = 0; e < bytes; e += 8) {
      const t = f64x2.mul(v128.load64_splat(<usize>c.edges + e), inverse);
      const level = f64x2.pmax(low, f64x2.pmin(high, f64x2.floor(f64x2.add(t, half))));
      const rest = f64x2.sub(t, level);
      error = f64x2.add(error, f64x2.mul(v128.load64_splat(<usize>c.drops + e), f64x2.add(level, f64x2.mul(f64x2.mul(f64x2.mul(four, rest), rest), rest))));
    }
    store<f64>(<usize>c.y + (<usize>i << 3), f64x2.extract_lane(error, 0));
    if (j !== i) store<f64>(<usize>c.y + (<usize>j << 3), f64x2.extract_lane(error, 1));
  }
}
