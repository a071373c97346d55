// What the canvas draws: vertices and edges of a model, paths, camera, find.
import { describe, expect, it } from 'vitest';
import { ADD, CONV, MODEL, NODES, RELU } from '../../test/studio/sample-views.ts';
import { bringIntoView, fitAll, opening } from './camera.ts';
import { derive, nodeId } from './derive.ts';
import { edgePath } from './edge-path.ts';
import { familyOf, shortName } from './family.ts';
import { findNodes } from './find.ts';

describe('drawing of a model', () => {
  it('has a card for every node, a pill for every input and output, and an edge for every value read', () => {
    const { vertices, links } = derive(MODEL);
    expect(vertices.map((v) => v.kind)).toEqual(['input', 'node', 'node', 'node', 'node', 'node', 'output']);
    expect(links.map((l) => [l.source, l.target, l.label])).toContainEqual([nodeId(CONV.name), nodeId(ADD.name), '1×8×8×16']);
    expect(links).toHaveLength(7);
  });
  it('draws a value that is read twice by one node once', () => {
    const twice = { ...MODEL, nodes: [CONV, { ...ADD, inputs: ['a', 'a'] }] };
    expect(derive(twice).links.filter((l) => l.target === nodeId(ADD.name))).toHaveLength(1);
  });
});

describe('edge path', () => {
  it('goes through its bends', () => {
    expect(edgePath({ x: 0, y: 0 }, [{ x: 10, y: 20 }], { x: 0, y: 40 })).toBe('M0,0C0,10 10,10 10,20C10,30 0,30 0,40');
  });
});

describe('camera', () => {
  const pane = { width: 800, height: 600 };
  it('fits the whole graph with a margin', () => {
    const { zoom, x, y } = fitAll({ width: 400, height: 5000 }, pane);
    expect(5000 * zoom).toBeLessThanOrEqual(600 - 63);
    expect([x, y].every((n) => n >= 31)).toBe(true);
  });
  it('opens a long graph at its top, readable', () => {
    expect(opening({ width: 3000, height: 5000 }, pane, 1000)).toEqual({ x: 400 - 700, y: 32, zoom: 0.7 });
    expect(opening({ width: 400, height: 5000 }, pane, 200).zoom).toBeGreaterThanOrEqual(0.7);
  });
  it('does not move for a node that is in view', () => {
    const now = { x: 0, y: 0, zoom: 1 };
    expect(bringIntoView({ x: 100, y: 100, width: 236, height: 82 }, pane, now)).toBe(now);
    expect(bringIntoView({ x: 100, y: 2000, width: 236, height: 82 }, pane, now)).not.toBe(now);
  });
});

describe('find', () => {
  it('matches all words anywhere in name, operator, class or source', () => {
    expect(findNodes(NODES, 'RELU')).toEqual([RELU]);
    expect(findNodes(NODES, 'mla add')).toEqual([ADD]);
    expect(findNodes(NODES, 'add_2_source')).toEqual([ADD]);
    expect(findNodes(NODES, '  ')).toEqual([]);
  });
});

describe('names and families', () => {
  it('leave the unit off and know the common operators', () => {
    expect(shortName('MLA_0/conv2d_add_relu_3')).toBe('conv2d_add_relu_3');
    expect([familyOf('conv2d'), familyOf('max_pool2d'), familyOf('fully_connected'), familyOf('reshape'), familyOf('mystery')]).toEqual(['convolution', 'pooling', 'dense', 'shape', 'other']);
  });
});
