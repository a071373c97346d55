// The layout: no overlaps, edges go down, the same every time, fast.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layered as layout } from './layered.ts';
import { createRows, settle } from './placement.ts';
import { edgePoints, type Point } from './result.ts';

type Edge = readonly [number, number];
const SIZE = { width: 200, height: 80 };
interface Asked {
  readonly boxes: readonly { readonly width: number; readonly height: number }[];
  readonly edges: readonly Edge[];
}
/** The layout with positions and bends as points. */
function layered({ boxes, edges }: Asked): { positions: Point[]; bends: Point[][]; width: number; height: number } {
  const got = layout({ widths: Float64Array.from(boxes, (box) => box.width), heights: Float64Array.from(boxes, (box) => box.height), edges: Int32Array.from(edges.flat()) });
  const bends = edges.map((_, e) => {
    const points = edgePoints(got, e);
    return Array.from({ length: points.length / 2 }, (__, i) => ({ x: points[2 * i] ?? 0, y: points[2 * i + 1] ?? 0 })).slice(1, -1);
  });
  return { positions: Array.from(got.x, (x, i) => ({ x, y: got.y[i] ?? 0 })), bends, width: got.width, height: got.height };
}
const boxes = (count: number) => Array.from({ length: count }, (_, i) => (i % 5 === 0 ? { width: 120, height: 30 } : SIZE));

/** Graphs without cycles: every edge leads to a later vertex. */
const dag = fc.integer({ min: 1, max: 40 }).chain((count) => fc.record({
  count: fc.constant(count),
  edges: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 80 }).map((pairs) => pairs.filter(([a, b]) => a !== b).map(([a, b]): Edge => [Math.min(a, b), Math.max(a, b)])),
}));

describe('layered layout', () => {
  it('never lets two boxes overlap', () => {
    fc.assert(fc.property(dag, ({ count, edges }) => {
      const all = boxes(count);
      const { positions } = layered({ boxes: all, edges });
      for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) {
        const a = positions[i], b = positions[j], sa = all[i], sb = all[j];
        if (!a || !b || !sa || !sb) return false;
        const apart = a.x + sa.width <= b.x || b.x + sb.width <= a.x || a.y + sa.height <= b.y || b.y + sb.height <= a.y;
        if (!apart) return false;
      }
      return true;
    }));
  });
  it('leads every edge downwards, through bends that go down too', () => {
    fc.assert(fc.property(dag, ({ count, edges }) => {
      const all = boxes(count);
      const { positions, bends } = layered({ boxes: all, edges });
      edges.forEach(([a, b], i) => {
        const ys = [(positions[a]?.y ?? 0) + (all[a]?.height ?? 0), ...(bends[i] ?? []).map((p) => p.y), positions[b]?.y ?? 0];
        for (let k = 1; k < ys.length; k++) expect(ys[k]).toBeGreaterThan(ys[k - 1] ?? 0);
      });
    }));
  });
  it('stays within the size that it reports, from 0, 0 on', () => {
    fc.assert(fc.property(dag, ({ count, edges }) => {
      const all = boxes(count);
      const { positions, width, height } = layered({ boxes: all, edges });
      positions.forEach((p, i) => {
        expect(p.x).toBeGreaterThanOrEqual(-1e-6);
        expect(p.y).toBeGreaterThanOrEqual(-1e-6);
        expect(p.x + (all[i]?.width ?? 0)).toBeLessThanOrEqual(width + 1e-6);
        expect(p.y + (all[i]?.height ?? 0)).toBeLessThanOrEqual(height + 1e-6);
      });
    }));
  });
  it('gives the same layout for the same graph', () => {
    fc.assert(fc.property(dag, ({ count, edges }) => { expect(layered({ boxes: boxes(count), edges })).toEqual(layered({ boxes: boxes(count), edges })); }));
  });
  it('draws a chain as a straight line', () => {
    const { positions, bends } = layered({ boxes: Array.from({ length: 6 }, () => SIZE), edges: [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]] });
    expect(new Set(positions.map((p) => p.x)).size).toBe(1);
    expect(bends.every((b) => b.length === 0)).toBe(true);
  });
  it('leads a skip connection round the boxes that it passes', () => {
    const { positions, bends } = layered({ boxes: Array.from({ length: 4 }, () => SIZE), edges: [[0, 1], [1, 2], [2, 3], [0, 3]] });
    expect(bends[3]).toHaveLength(2);
    for (const point of bends[3] ?? []) {
      for (const box of positions) {
        const inside = point.x > box.x && point.x < box.x + SIZE.width && point.y > box.y && point.y < box.y + SIZE.height;
        expect(inside).toBe(false);
      }
    }
  });
  it('survives a cycle, an edge to itself, and nothing at all', () => {
    expect(layered({ boxes: boxes(3), edges: [[0, 1], [1, 2], [2, 0], [1, 1]] }).positions).toHaveLength(3);
    expect(layered({ boxes: [], edges: [] })).toEqual({ positions: [], bends: [], width: 0, height: 0 });
  });
  it('draws a value that every node reads without a place for each reading', () => {
    const count = 3000;
    const edges = Array.from({ length: count - 1 }, (_, i): Edge => [i, i + 1]).concat(Array.from({ length: count - 2 }, (_, i): Edge => [0, i + 2]));
    const { bends } = layered({ boxes: boxes(count), edges });
    expect(bends.at(-1)?.[0]).toEqual(bends.at(-2)?.[0]);
  });
  // The bound only has to catch work that grows with the square.
  it('lays out 3,000 nodes without taking ages', () => {
    const edges = Array.from({ length: 2999 }, (_, i): Edge => [i, i + 1]).concat(Array.from({ length: 900 }, (_, i): Edge => [i * 3, i * 3 + 4]));
    const began = performance.now();
    layered({ boxes: boxes(3001), edges });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('keeping boxes apart', () => {
  /** Where boxes half as wide as `halves` end up that want to be at `wants`. */
  const settled = (wants: readonly number[], halves: readonly number[], weights: readonly number[]): number[] => {
    // Another row stands before it, which must not matter.
    const rows = createRows(Int32Array.of(0, 2, 2 + wants.length), Float64Array.of(9, 9, ...halves), Float64Array.of(1, 1, ...weights));
    rows.wants.set(wants, 2);
    settle(rows, 2, 2 + wants.length);
    return Array.from(rows.centres.subarray(2));
  };
  it('leaves boxes where they want to be when there is room', () => {
    expect(settled([0, 500], [50, 50], [1, 1])).toEqual([0, 500]);
  });
  it('shares the shift when two want the same place', () => {
    const [a = 0, b = 0] = settled([100, 100], [50, 50], [1, 1]);
    expect((a + b) / 2).toBeCloseTo(100);
    expect(b - a).toBeCloseTo(132);
  });
  it('finds no better place for any box or row of boxes: moving some of them, as far as order and gaps allow, costs more', () => {
    const box = fc.record({ want: fc.integer({ min: -400, max: 400 }), half: fc.integer({ min: 5, max: 120 }), weight: fc.constantFrom(1, 3) });
    fc.assert(fc.property(fc.array(box, { minLength: 1, maxLength: 9 }), (row) => {
      const got = settled(row.map((b) => b.want), row.map((b) => b.half), row.map((b) => b.weight));
      const least = (i: number): number => (row[i - 1]?.half ?? 0) + (row[i]?.half ?? 0) + 32;
      const legal = (at: readonly number[]): boolean => at.every((x, i) => i === 0 || x - (at[i - 1] ?? 0) >= least(i) - 1e-6);
      const cost = (at: readonly number[]): number => at.reduce((sum, x, i) => sum + (row[i]?.weight ?? 1) * (x - (row[i]?.want ?? 0)) ** 2, 0);
      expect(legal(got)).toBe(true);
      for (let from = 0; from < row.length; from++) for (let to = from; to < row.length; to++) for (const by of [-1, 1]) {
        const moved = got.map((x, i) => (i >= from && i <= to ? x + by : x));
        if (legal(moved)) expect(cost(moved)).toBeGreaterThanOrEqual(cost(got) - 1e-6);
      }
    }));
  });
});
