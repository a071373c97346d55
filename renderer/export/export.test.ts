// What is taken away: the graph as SVG and the report of a run. Complete, in the colours of the overlay, and harmless whatever a model calls its parts.
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, type ModelView, type OriginalView, type RunView } from '../../core/contract/index.ts';
import { ADD, CONV, FLOAT, MODEL, NODES, nodeView, RELU, runView } from '../../test/studio/sample-views.ts';
import { derive, deriveOriginal, type Drawing } from '../graph/derive.ts';
import { layered } from '../graph/layout/layered.ts';
import { OVERLAYS } from '../graph/overlays/index.ts';
import { createScene, layoutOf } from '../graph/scene.ts';
import { withPrecision } from '../stores/recipe-edit.ts';
import type { OverlayMode } from '../stores/view.ts';
import { graphSvg, type GraphPicture } from './graph-svg.ts';
import { colourStops, LEGEND_HEIGHT } from './legend-svg.ts';
import { reportHtml } from './report.ts';
import { configurationFacts, figureFacts, modelFacts } from './report-facts.ts';

const RUN = runView(1, { [CONV.name]: 40, [RELU.name]: 47.2, [ADD.name]: 20 });

function picture(model: ModelView = MODEL, run: RunView | null = RUN, mode: OverlayMode = 'error', drawing: Drawing = derive(model)): GraphPicture {
  const wanted = layoutOf(drawing);
  const scene = createScene(drawing, wanted.edges, layered(wanted));
  const overlay = OVERLAYS[mode].make({ model, recipe: DEFAULT_RECIPE, runs: run ? [run] : [], shown: run, compared: null, metric: 'psnr', feed: 'local', ground: 'light' });
  return { title: model.name, scene, overlay, values: mode === 'error' && run !== null, palette: (colour) => colour.replace(/^var\(--(.+)\)$/, 'token-$1'), nodes: new Map(model.nodes.map((node) => [node.name, node])), recipe: DEFAULT_RECIPE };
}
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((found) => found[1] ?? '');
/** Tags that are open when others are closed: none in well-formed XML. */
function unbalanced(xml: string): string[] {
  const open: string[] = [], wrong: string[] = [];
  for (const [, end, name = '', short] of xml.matchAll(/<(\/?)([\w:-]+)(?:\s[\w:-]+="[^"<]*")*(\/?)>/g)) {
    if (end) { if (open.pop() !== name) wrong.push(name); } else if (!short) open.push(name);
  }
  return [...wrong, ...open];
}

describe('the graph as SVG', () => {
  const svg = graphSvg(picture()).toString();
  it('has a card a node with name, operator, shape, precision and error, and a pill an input and output', () => {
    const texts = textsOf(svg);
    for (const text of ['conv2d_0', 'Conv2D', '1×8×8×16', 'int8', '40.0 dB', '47.2 dB', '20.0 dB', 'softmax_4', 'float', 'MLA 0', 'APU 1', 'image', '1×8×8×3', 'probabilities']) expect(texts).toContain(text);
    for (const node of NODES) expect(svg).toContain(`<title>${node.name}</title>`);
  });
  it('has a path an edge, with the value\'s shape and precision', () => {
    const { scene } = picture();
    expect(svg.match(/<path d="M[^"]*"\/>/g)).toHaveLength(scene.edges.length);
    expect(textsOf(svg)).toContain('1×8×8×16 int8');
  });
  it('has no label of an edge on a card', () => {
    const { boxes } = picture().scene;
    const grounds = [...svg.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="11" /g)].map((found) => found.slice(1).map(Number) as [number, number, number]);
    expect(grounds.length).toBeGreaterThan(3);
    for (const [x, y, width] of grounds) expect(boxes.filter((box) => x < box.x + box.width && x + width > box.x && y < box.y + box.height && y + 11 > box.y)).toEqual([]);
  });
  it('has the colour of every error and a legend with the same scale', () => {
    const { overlay } = picture();
    for (const node of [CONV, RELU, ADD]) expect(svg).toContain(`fill="${overlay.colourOf(node.name)?.colour ?? 'none'}"`);
    const stops = [...svg.matchAll(/stop-color="([^"]+)"/g)].map((found) => found[1]);
    expect(stops).toEqual(overlay.legend.kind === 'scale' ? colourStops(overlay.legend.gradient) : null);
    expect(stops.length).toBeGreaterThan(2);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['PSNR, local', 'better 60.0 dB', '20.0 dB worse']));
  });
  it('is well-formed, with no colour left that only a style sheet knows', () => {
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).not.toContain('var(');
    expect(svg).not.toMatch(/NaN|undefined|null/);
  });
  it('has a frame with room for the whole scene and the legend below', () => {
    const { scene } = picture();
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
    expect(width).toBeGreaterThan(scene.width);
    expect(height).toBeGreaterThanOrEqual(scene.height + LEGEND_HEIGHT);
  });
  it('counts categories in the legend of the other overlays', () => {
    expect(textsOf(graphSvg(picture(MODEL, null, 'precision')).toString())).toEqual(expect.arrayContaining(['Precision for the next run', 'int8 4', 'float 1']));
  });
  it('draws collapsed partitions and the operators of the source file', () => {
    const grouped = textsOf(graphSvg(picture(MODEL, RUN, 'error', derive(MODEL, new Set(['MLA 0'])))).toString());
    expect(grouped).toEqual(expect.arrayContaining(['Partition MLA 0', '4 nodes, 4.00 k MACs', 'worst node', '20.0 dB']));
    const original: OriginalView = { inputs: MODEL.inputs, outputs: [], nodes: [{ id: 'c', name: 'c', type: 'Conv', inputs: ['in'], outputs: [{ value: 'x', shape: [1, 2] }], becomes: [CONV.name], attributes: [] }] };
    expect(textsOf(graphSvg(picture(MODEL, RUN, 'error', deriveOriginal(original))).toString())).toEqual(expect.arrayContaining(['Conv', '→ conv2d_0', '40.0 dB']));
  });
  it('of nothing is a picture without cards', () => {
    expect(unbalanced(graphSvg(picture({ ...MODEL, nodes: [], inputs: [], outputs: [] }, null)).toString())).toEqual([]);
  });
});

const REPORT = { model: MODEL, run: RUN, name: 'Run 1', note: 'as it was', version: '0.1.0', date: new Date(0), picture: picture() };

describe('the report', () => {
  const html = reportHtml(REPORT);
  it('has model, configuration, figures, graph and every layer with its errors', () => {
    for (const title of ['Model', 'Configuration', 'Figures', 'Graph', 'Layers']) expect(html).toContain(`<h2>${title}</h2>`);
    expect(html).toContain('1970-01-01 00:00 UTC');
    expect(html).toContain('<p class="note">as it was</p>');
    expect(html.match(/<svg /g)).toHaveLength(1);
    expect(html.match(/<tr><td class="number">\d+<\/td>/g)).toHaveLength(NODES.length);
    const row = /<tr><td class="number">2<\/td>.*?<\/tr>/.exec(html)?.[0] ?? '';
    expect([...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map((cell) => cell[1])).toEqual(['2', '', ADD.name, 'add', 'MLA', 'int8', '1×8×8×16', '1.00 k', '20.0 dB', '0.1', '0.01', '20.0 dB', '0.1', '0.01']);
  });
  it('needs no script and nothing from anywhere', () => {
    expect(html).toContain('content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"');
    expect(html).not.toMatch(/<script|<img|<link|\ssrc=|href=|@import/);
    expect(html.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg']);
    // In HTML the content of a style sheet is taken as it stands.
    expect(/<style>([^]*?)<\/style>/.exec(html)?.[1]).not.toMatch(/[&<>"']/);
  });
  it('tells the configuration of the run, with every choice by node', () => {
    const recipe = { ...withPrecision(withPrecision(DEFAULT_RECIPE, [CONV], 'int16'), [ADD], 'float'), calibration: { method: 'percentile' as const, bins: 512, percentile: 99.9 } };
    expect(configurationFacts(recipe)).toEqual(expect.arrayContaining([['Calibration', 'Percentile, 512 bins, 99.9 %'], ['Chosen by node', `${CONV.name}: int16; ${ADD.name}: float`], ['Bias correction', 'no']]));
  });
  it('tells the figures: the mean, the worst node, the accuracy where it was measured', () => {
    const accuracy = { float: { samples: 50, top1: 90, top5: 99 }, quantized: { samples: 50, top1: 88, top5: 98 } };
    const rows = new Map(figureFacts({ ...RUN, accuracy }));
    expect(rows.get('PSNR, local')).toBe(`mean over nodes 35.7 dB, worst 20.0 dB (${ADD.name})`);
    expect(rows.get('MAE, cumulative')).toContain(`worst 0.1 (${ADD.name})`);
    expect(rows.get('Accuracy, top-1')).toBe('float 90.0 %, quantized 88.0 %, on 50 samples');
    expect(rows.get('Precision of nodes')).toBe('4 at int8, 1 at float');
    expect(new Map(figureFacts(RUN)).has('Accuracy, top-1')).toBe(false);
    expect(new Map(modelFacts(MODEL)).get('Nodes')).toBe('5: 4 on the MLA, 1 on the APU');
  });
});

describe('a hostile model', () => {
  const EVIL = '</title></text></style><script>alert(1)</script><img src=x onerror="alert(1)">\'&\u0000\ud800';
  const evil = nodeView(EVIL, { op: EVIL, className: EVIL, inputs: ['in'], output: 'e', reason: EVIL });
  const model: ModelView = { ...MODEL, name: EVIL, nodes: [evil, FLOAT], inputs: [{ name: EVIL, value: 'in', shape: [1], dtype: 'float32' }] };
  const run: RunView = { ...runView(1, { [EVIL]: 30 }, { ...DEFAULT_RECIPE, nodes: { [EVIL]: { precision: 'int16' } } }), notices: [EVIL] };
  it('stays text in the picture and in the report', () => {
    const svg = graphSvg(picture(model, run)).toString(), html = reportHtml({ ...REPORT, model, run, note: EVIL, picture: picture(model, run) });
    for (const text of [svg, html]) {
      expect(text).not.toMatch(/<script|<img|\u0000/i);
      expect(Buffer.from(text).toString()).toBe(text);
      expect(text).toContain('&lt;/title&gt;');
    }
    expect(unbalanced(svg)).toEqual([]);
    expect(unbalanced(html.replace(/<meta [^>]*>/g, ''))).toEqual([]);
  });
});
