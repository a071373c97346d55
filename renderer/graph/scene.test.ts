// The scene: what is found in a piece of it is what lies there, whatever the layout; and what is painted stays bounded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL, NODES, nodeView } from '../../test/studio/sample-views.ts';
import { DEFAULT_RECIPE } from '../../core/contract/index.ts';
import { derive, nodeId } from './derive.ts';
import { layered } from './layout/layered.ts';
import { edgeText, litEdges, selectedVertices } from './looks.ts';
import { paint, type Looks } from './paint.ts';
import { createScene, edgesIn, hit, layoutOf, rowsIn, verticesIn, type Scene } from './scene.ts';
import { hintsFrom } from './use-scene.ts';
import { nextMounted } from './use-mounted.ts';
import { neighbour } from './walk.ts';
import { withPrecision } from '../stores/recipe-edit.ts';

const sceneOf = (drawing: ReturnType<typeof derive>, hint?: Float64Array<ArrayBuffer>): Scene => {
  const wanted = layoutOf(drawing, hint);
  return createScene(drawing, wanted.edges, layered(wanted));
};

/** A network of `count` nodes, each reading the value before it and one further back by one of `reads`. */
const networkOf = (count: number, reads: readonly number[]) => ({
  ...MODEL, outputs: [], nodes: Array.from({ length: count }, (_, i) => nodeView(`MLA_0/n_${i}`, {
    output: `v${i}`, inputs: i === 0 ? ['in'] : [...new Set([`v${i - 1}`, `v${Math.max(0, i - 1 - (reads[i % Math.max(1, reads.length)] ?? 0))}`])],
  })),
});
const network = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(1000), { maxLength: 20 })).map(([count, reads]) => networkOf(count, reads));
const rect = fc.record({ x: fc.integer({ min: -500, max: 3000 }), y: fc.integer({ min: -500, max: 9000 }), width: fc.integer({ min: 0, max: 2000 }), height: fc.integer({ min: 0, max: 3000 }) });

describe('what lies in a piece of the scene', () => {
  it('is exactly the boxes that touch it', () => {
    fc.assert(fc.property(network, rect, (model, piece) => {
      const scene = sceneOf(derive(model));
      const inside = scene.boxes.flatMap((box, i) => (box.x <= piece.x + piece.width && box.x + box.width >= piece.x && box.y <= piece.y + piece.height && box.y + box.height >= piece.y ? [i] : []));
      expect(verticesIn(scene, piece).sort((a, b) => a - b)).toEqual(inside);
    }), { numRuns: 40 });
  });
  it('includes every edge that passes through its rows', () => {
    fc.assert(fc.property(network, rect, (model, piece) => {
      const scene = sceneOf(derive(model));
      const found = new Set(edgesIn(scene, rowsIn(scene, piece)));
      scene.edges.forEach((points, e) => {
        const passes = (points[1] ?? 0) <= piece.y + piece.height && (points[points.length - 1] ?? 0) >= piece.y;
        if (passes && piece.y + piece.height >= 0 && piece.y <= scene.height) expect(found.has(e)).toBe(true);
      });
    }), { numRuns: 40 });
  });
  it('a point hits the box around it, or one within reach', () => {
    const scene = sceneOf(derive(MODEL));
    scene.boxes.forEach((box, i) => {
      expect(hit(scene, box.x + 5, box.y + 5)).toBe(i);
      expect(hit(scene, box.x - 4, box.y + 5, 6)).toBe(i);
    });
    expect(hit(scene, -400, -400, 6)).toBeNull();
  });
});

describe('looks', () => {
  const scene = sceneOf(derive(MODEL));
  it('label an edge with the shape and the precision that the next run will give it', () => {
    const e = scene.drawing.links.findIndex((link) => scene.drawing.vertices[link.source]?.id === nodeId(NODES[0]?.name ?? ''));
    const nodes = new Map(NODES.map((node) => [node.name, node]));
    expect(edgeText(scene, e, nodes, DEFAULT_RECIPE)).toBe('1×8×8×16 int8');
    expect(edgeText(scene, e, nodes, withPrecision(DEFAULT_RECIPE, NODES.slice(0, 1), 'int16'))).toBe('1×8×8×16 int16');
  });
  it('light the edges of a selected node', () => {
    const selected = selectedVertices(scene, [NODES[2]?.name ?? '']);
    const lit = [...litEdges(scene, selected)].map((e) => scene.drawing.links[e]);
    expect(lit.every((link) => link && (selected.has(link.source) || selected.has(link.target)))).toBe(true);
    expect(lit).toHaveLength(3);
  });
});

describe('walking', () => {
  it('goes down to a reader, up to a producer, and stops at the rim', () => {
    const scene = sceneOf(derive(MODEL));
    const at = (name: string): number => scene.vertexOf.get(name) ?? -1;
    const [conv, relu, add] = NODES.map((node) => at(node.name));
    expect(neighbour(scene, relu ?? -1, 'up')).toBe(conv);
    expect(neighbour(scene, relu ?? -1, 'down')).toBe(add);
    expect(neighbour(scene, conv ?? -1, 'up')).toBeNull();
  });
});

describe('live cards', () => {
  const scene = sceneOf(derive(networkOf(3000, [7, 11, 1])));
  const settle = (view: Parameters<typeof nextMounted>[2], from: readonly number[] = []): readonly number[] => {
    let now = from;
    for (let next = nextMounted(scene, now, view); next !== now; next = nextMounted(scene, now, view)) {
      expect(next.length - now.length).toBeLessThanOrEqual(6);
      now = next;
    }
    return now;
  };
  it('are those near the view, a few more a frame, and none from far away', () => {
    const { x, y } = scene.boxes[1500] ?? { x: 0, y: 0 };
    const view = { transform: [600 - x, 400 - y, 1] as const, width: 1200, height: 800 };
    const live = settle(view);
    expect(live.length).toBeGreaterThan(3);
    expect(live.length).toBeLessThan(120);
    for (const i of verticesIn(scene, { x: x - 600, y: y - 400, width: 1200, height: 800 })) expect(live).toContain(i);
    expect(settle({ ...view, transform: [600 - x * 0.1, 400 - y * 0.1, 0.1] }, live)).toEqual([]);
  });
});

describe('painting', () => {
  const scene = sceneOf(derive(networkOf(6000, [7, 11, 1, 40])));
  const calls = (zoom: number): number => {
    let count = 0;
    const pen = new Proxy({}, { get: () => () => { count++; }, set: () => true }) as CanvasRenderingContext2D;
    const looks: Looks = { of: () => undefined, titleOf: () => 'name', edgeText: () => 'text', selected: new Set(), lit: new Set(), mounted: new Set(), palette: (c) => c, tintOf: () => null };
    paint(pen, scene, { x: 0, y: 0, zoom }, { width: 1280, height: 800 }, 1, looks);
    return count;
  };
  it('never takes more strokes than a screen has lines for, from whole graph to close up', () => {
    for (const zoom of [0.0005, 0.001, 0.005, 0.011, 0.013, 0.05, 0.2, 0.5, 1]) expect(calls(zoom), `at ${zoom}`).toBeLessThan(9000);
  });
});

describe('collapsing', () => {
  it('keeps what stays in its order from left to right', () => {
    const branches = { ...MODEL, outputs: [], nodes: ['a', 'b', 'c', 'd'].flatMap((branch, i) => [
      nodeView(`MLA_0/${branch}1`, { output: `${branch}1`, inputs: ['in'] }),
      nodeView(`MLA_${i}/${branch}2`, { output: `${branch}2`, inputs: [`${branch}1`], partition: i }),
    ]) };
    const before = sceneOf(derive(branches));
    const drawing = derive(branches, new Set(['MLA 3']));
    const after = sceneOf(drawing, hintsFrom(before, drawing));
    const order = (scene: Scene): string[] => ['MLA_0/a1', 'MLA_0/b1', 'MLA_0/c1', 'MLA_0/d1'].toSorted((x, y) => (scene.boxes[scene.vertexOf.get(x) ?? 0]?.x ?? 0) - (scene.boxes[scene.vertexOf.get(y) ?? 0]?.x ?? 0));
    expect(order(after)).toEqual(order(before));
  });
});
