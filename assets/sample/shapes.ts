// The ten classes as signed distances: negative inside, positive outside, in units of the shape's own radius, y down.

export type Distance = (x: number, y: number) => number;
type Point = readonly [number, number];

/** Class name -> outline. The order is the label: circle is 0, hexagon is 9. */
export const SHAPES: Readonly<Record<string, Distance>> = {
  circle: (x, y) => length(x, y) - 0.86,
  square: polygon(regular(4, 1)),
  triangle: polygon(regular(3, 1.05)),
  star: polygon(star(5, 1.08, 0.46)),
  cross: polygon(plus(0.98, 0.32)),
  ring: (x, y) => Math.abs(length(x, y) - 0.7) - 0.21,
  crescent: (x, y) => Math.max(length(x + 0.1, y) - 0.92, 0.74 - length(x - 0.36, y)),
  arrow: polygon([[1, 0], [0.12, 0.82], [0.12, 0.32], [-0.95, 0.32], [-0.95, -0.32], [0.12, -0.32], [0.12, -0.82]]),
  heart: polygon(heart(28)),
  hexagon: polygon(regular(6, 0.98)),
};
export const LABELS: readonly string[] = Object.keys(SHAPES);

/** Distance to the outline through `corners`, with the sign from the even-odd rule. Written for speed: drawing lives here. */
function polygon(corners: readonly Point[]): Distance {
  const xs = Float64Array.from([...corners, ...corners.slice(0, 1)], ([x]) => x);
  const ys = Float64Array.from([...corners, ...corners.slice(0, 1)], ([, y]) => y);
  return (x, y) => {
    let nearest = Infinity;
    let inside = false;
    for (let i = 0; i < corners.length; i++) {
      const ax = xs[i] as number;
      const ay = ys[i] as number;
      const by = ys[i + 1] as number;
      const ex = (xs[i + 1] as number) - ax;
      const ey = by - ay;
      const px = x - ax;
      const py = y - ay;
      const along = Math.min(1, Math.max(0, (px * ex + py * ey) / (ex * ex + ey * ey)));
      const dx = px - ex * along;
      const dy = py - ey * along;
      nearest = Math.min(nearest, dx * dx + dy * dy);
      // A ray to the right of (x, y) changes sides at every edge that it crosses.
      if (ay > y !== by > y && px * ey < py * ex === by > ay) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);

function regular(corners: number, radius: number): readonly Point[] {
  return Array.from({ length: corners }, (_, i) => polar(i / corners, radius));
}

function star(points: number, outer: number, inner: number): readonly Point[] {
  return Array.from({ length: 2 * points }, (_, i) => polar(i / (2 * points), i % 2 === 0 ? outer : inner));
}

function plus(reach: number, half: number): readonly Point[] {
  const arm: readonly Point[] = [[reach, -half], [reach, half], [half, half]];
  return [0, 1, 2, 3].flatMap((quarter) => arm.map(([x, y]): Point => {
    const [c, s] = [[1, 0], [0, 1], [-1, 0], [0, -1]][quarter] ?? [1, 0];
    return [x * (c ?? 1) - y * (s ?? 0), x * (s ?? 0) + y * (c ?? 1)];
  }));
}

/** The familiar curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled to radius 1. */
function heart(corners: number): readonly Point[] {
  return Array.from({ length: corners }, (_, i): Point => {
    const t = (2 * Math.PI * i) / corners;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [Math.sin(t) ** 3, -(y + 2.5) / 15.5];
  });
}

function polar(turn: number, radius: number): Point {
  return [radius * Math.cos(2 * Math.PI * turn), radius * Math.sin(2 * Math.PI * turn)];
}
