// What the canvas draws: vertices and edges of a model, paths, camera, find.
import { describe, expect, it } from 'vitest';
import { ADD, CONV, FLOAT, LAST, MODEL, NODES, RELU } from '../../test/studio/sample-views.ts';
import { bringIntoView, fitAll, opening } from './camera.ts';
import { derive, deriveOriginal, nodeId, shapeText } from './derive.ts';
import { svgPath, traceEdge } from './edge-path.ts';
import { familyOf, shortName } from './family.ts';
import { findNodes } from './find.ts';

describe('drawing of a model', () => {
  it('has a card for every node, a pill for every input and output, and an edge for every value read', () => {
    const { vertices, links } = derive(MODEL);
    const id = (i: number): string | undefined => vertices[i]?.id;
    expect(vertices.map((v) => v.kind)).toEqual(['input', 'node', 'node', 'node', 'node', 'node', 'output']);
    expect(links.map((l) => [id(l.source), id(l.target), shapeText(l.shape)])).toContainEqual([nodeId(CONV.name), nodeId(ADD.name), '1×8×8×16']);
    expect(links).toHaveLength(7);
  });
  it('draws a value that is read twice by one node once', () => {
    const twice = { ...MODEL, nodes: [CONV, { ...ADD, inputs: ['a', 'a'] }] };
    const { vertices, links } = derive(twice);
    expect(links.filter((l) => vertices[l.target]?.id === nodeId(ADD.name))).toHaveLength(1);
  });
});

describe('drawing with collapsed partitions', () => {
  it('draws a partition as one vertex that stands for all of its nodes, and keeps only the edges that cross its rim', () => {
    const { vertices, links } = derive(MODEL, new Set(['MLA 0']));
    expect(vertices.map((v) => v.kind)).toEqual(['input', 'group', 'node', 'output']);
    expect(vertices[1]?.names).toEqual([CONV, RELU, ADD, LAST].map((node) => node.name));
    expect(links.map((l) => [vertices[l.source]?.id, vertices[l.target]?.id])).toEqual([['input:image', 'group:MLA 0'], ['group:MLA 0', nodeId(FLOAT.name)], [nodeId(FLOAT.name), 'output:probabilities']]);
  });
});

describe('drawing of the original graph', () => {
  it('has a vertex for every operator of the file, which stands for the nodes that it became part of', () => {
    const { vertices, links } = deriveOriginal({
      inputs: MODEL.inputs, outputs: [{ ...MODEL.outputs[0] as (typeof MODEL.outputs)[0], value: 'r' }],
      nodes: [
        { id: '0', name: 'c', type: 'Conv', inputs: ['in'], outputs: [{ value: 'c', shape: [1, 8] }], attributes: [], becomes: [CONV.name] },
        { id: '1', name: 'r', type: 'Relu', inputs: ['c'], outputs: [{ value: 'r', shape: [1, 8] }], attributes: [], becomes: [CONV.name] },
      ],
    });
    expect(vertices.map((v) => [v.kind, v.names])).toEqual([['input', []], ['source', [CONV.name]], ['source', [CONV.name]], ['output', []]]);
    expect(links.map((l) => shapeText(l.shape))).toEqual(['1×8×8×3', '1×8', '1×8']);
  });
});

describe('edge path', () => {
  it('goes through its bends', () => {
    expect(svgPath((sink) => traceEdge(sink, Float64Array.of(0, 0, 10, 20, 0, 40)))).toBe('M0,0C0,10 10,10 10,20C10,30 0,30 0,40');
  });
});

describe('camera', () => {
  const pane = { width: 800, height: 600 };
  it('fits the whole graph with a margin', () => {
    const { zoom, x, y } = fitAll({ width: 400, height: 5000 }, pane);
    expect(5000 * zoom).toBeLessThanOrEqual(600 - 83);
    // Below the buttons.
    expect(y).toBeGreaterThanOrEqual(51);
    expect(x).toBeGreaterThanOrEqual(31);
  });
  it('opens a long graph at its top, readable', () => {
    expect(opening({ width: 3000, height: 5000 }, pane, 1000)).toEqual({ x: 400 - 700, y: 52, zoom: 0.7 });
    expect(opening({ width: 400, height: 5000 }, pane, 200).zoom).toBeGreaterThanOrEqual(0.7);
    // 800 x 600: the map takes 150 at the right, and there is room at the left.
    expect(opening({ width: 700, height: 5000 }, pane, 350).x + 700 * 0.85).toBeCloseTo(650);
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
  it('matches attributes by name and value', () => {
    const strided = { ...CONV, attributes: [{ name: 'strides', value: '[2,2]' }] };
    expect(findNodes([strided, RELU], 'strides=[2,2]')).toEqual([strided]);
  });
});

describe('names and families', () => {
  it('leave the unit off and know the common operators', () => {
    expect(shortName('MLA_0/conv2d_add_relu_3')).toBe('conv2d_add_relu_3');
    expect([familyOf('conv2d'), familyOf('max_pool2d'), familyOf('fully_connected'), familyOf('reshape'), familyOf('mystery')]).toEqual(['convolution', 'pooling', 'dense', 'shape', 'other']);
  });
});
