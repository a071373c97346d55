// The graph as SVG: the scene as it is laid out, in the colours of the overlay, every text as text, the legend below. It needs no style sheet.
import type { NodeView, Recipe } from '../../core/contract/index.ts';
import { labelPoint, svgPath, traceEdge } from '../graph/edge-path.ts';
import { colourTable, createLooks } from '../graph/looks.ts';
import type { Overlay } from '../graph/overlays/index.ts';
import { besideCards, fitText, LABEL_HEIGHT, tintRuns, type Look, type Looks } from '../graph/paint.ts';
import type { Palette } from '../graph/palette.ts';
import type { Rect, Scene } from '../graph/scene.ts';
import { cardText, type CardText } from './cards.ts';
import { legendSvg, legendWidth, LEGEND_HEIGHT } from './legend-svg.ts';
import { element, type Markup } from './markup.ts';
import { MONO, SANS, svgText } from './svg-text.ts';

export interface GraphPicture {
  readonly title: string;
  readonly scene: Scene;
  readonly overlay: Overlay;
  /** Whether the overlay's values are written on the cards. */
  readonly values: boolean;
  readonly palette: Palette;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly recipe: Recipe;
}

const MARGIN = 28;

const contentWidth = ({ scene, overlay }: GraphPicture): number => Math.max(scene.width, legendWidth(overlay.legend));

/** Width and height of the whole picture. */
export const graphSize = (picture: GraphPicture): { readonly width: number; readonly height: number } => ({
  width: Math.ceil(contentWidth(picture) + 2 * MARGIN), height: Math.ceil(picture.scene.height + 3 * MARGIN + LEGEND_HEIGHT),
});

export function graphSvg(picture: GraphPicture): Markup {
  const { scene, overlay, palette, nodes, recipe, title } = picture;
  const colours = colourTable(scene, overlay, palette);
  const looks = createLooks({ scene, selected: new Set(), mounted: new Set(), palette, nodes, recipe }, colours);
  const content = contentWidth(picture), { width, height } = graphSize(picture);
  return element(
    'svg', { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'font-family': SANS },
    element('title', {}, title),
    element('rect', { width, height, fill: palette('var(--canvas)') }),
    element(
      'g', { transform: `translate(${MARGIN + (content - scene.width) / 2} ${MARGIN})` },
      tints(scene, looks), edges(scene, palette), ...scene.drawing.vertices.map((vertex, i) => card(cardText(vertex, overlay, recipe, picture.values), scene.boxes[i], colours[i], palette)),
      labels(scene, looks),
    ),
    element('g', { transform: `translate(${MARGIN} ${scene.height + 2 * MARGIN})` }, legendSvg(overlay.legend, palette)),
  );
}

const tints = (scene: Scene, looks: Looks): Markup => element(
  'g', { 'fill-opacity': 0.09 },
  ...tintRuns(scene, [0, scene.rows.length - 1], looks.tintOf).map(({ tint, rect }) => element('rect', { ...rect, fill: tint })),
);

function edges(scene: Scene, palette: Palette): Markup {
  const heads = svgPath((sink) => {
    for (const points of scene.edges) {
      const x = points.at(-2) ?? 0, y = points.at(-1) ?? 0;
      sink.moveTo(x, y);
      sink.lineTo(x - 4, y - 8);
      sink.lineTo(x + 4, y - 8);
    }
  });
  return element(
    'g', {},
    element('g', { fill: 'none', stroke: palette('var(--edge)'), 'stroke-width': 1.4 }, ...scene.edges.map((points) => element('path', { d: svgPath((sink) => traceEdge(sink, points)) }))),
    element('path', { d: heads, fill: palette('var(--edge)') }),
  );
}

/** Edges that run close together carry the same or a like value; the first label speaks for them, as on the screen. */
function labels(scene: Scene, looks: Looks): Markup {
  const taken = new Map<number, { readonly x: number; readonly y: number; readonly width: number }[]>();
  const { palette } = looks, ground = palette('var(--canvas)');
  const free = scene.edges.flatMap((points, e) => {
    const text = looks.edgeText(e), { x: middle, y } = labelPoint(points), width = text.length * 6.1 + 6, line = Math.floor(y / LABEL_HEIGHT);
    const x = besideCards(scene, { x: middle, y, width, height: LABEL_HEIGHT });
    const near = [line - 1, line, line + 1].flatMap((at) => taken.get(at) ?? []);
    if (text === '' || x === null || near.some((t) => Math.abs(t.y - y) < LABEL_HEIGHT && Math.abs(t.x - x) < (t.width + width) / 2)) return [];
    const there = taken.get(line);
    if (there) there.push({ x, y, width });
    else taken.set(line, [{ x, y, width }]);
    return [element('rect', { x: x - width / 2, y: y - LABEL_HEIGHT / 2, width, height: LABEL_HEIGHT, fill: ground }), svgText(x, y, text, {})];
  });
  return element('g', { 'font-family': MONO, 'font-size': 10, 'text-anchor': 'middle', fill: palette('var(--muted)') }, ...free);
}

function card(text: CardText, box: Rect | undefined, look: Look | undefined, palette: Palette): Markup {
  if (!box) return element('g');
  return text.pill ? pill(text, box, palette) : element('g', { transform: `translate(${box.x} ${box.y})` }, element('title', {}, text.tip), ...cardParts(text, box, look, palette));
}

function cardParts(text: CardText, { width, height }: Rect, look: Look | undefined, palette: Palette): Markup[] {
  const ink = palette('var(--text)'), muted = palette('var(--muted)');
  const left = 19, right = width - 9, chip = text.chip.length * 6.2, shape = text.shape.length * 6.4, value = text.value.length * 6.8 + 12;
  const parts = [element('rect', { width, height, rx: 6, fill: palette('var(--panel)'), stroke: palette('var(--border-strong)') })];
  if (look) parts.push(element('rect', { width, height, rx: 6, fill: look.colour, 'fill-opacity': 0.09 }));
  parts.push(
    element('path', { d: `M10,0V${height}H6A6,6 0 0 1 0,${height - 6}V6A6,6 0 0 1 6,0Z`, fill: look?.colour ?? palette('var(--border)') }),
    svgText(left, 18, fitText(text.name, right - left - chip - 6, 13), { 'font-size': 13, 'font-weight': 600, fill: ink }),
  );
  if (text.chip !== '' && text.unit) parts.push(svgText(right, 18, text.chip, { 'font-size': 10.5, 'font-weight': 600, 'text-anchor': 'end', fill: palette(`var(--unit-${text.unit.toLowerCase()})`) }));
  parts.push(
    svgText(left, 39, fitText(text.kind, right - left - shape - 6, 11.5), { 'font-size': 11.5, fill: muted }),
    svgText(right, 39, text.shape, { 'font-size': 10.5, 'font-family': MONO, 'text-anchor': 'end', fill: muted }),
  );
  if (text.precision) parts.push(
    element('rect', { x: left, y: 53, width: text.precision.length * 6.6 + 12, height: 18, rx: 3, fill: palette(`var(--${text.precision})`) }),
    svgText(left + 6, 62, text.precision, { 'font-size': 11, 'font-weight': 600, fill: palette(`var(--${text.precision}-ink)`) }),
  );
  if (text.low !== '') parts.push(svgText(left, 62, fitText(text.low, right - left - (text.value === '' ? 0 : value), 11.5), { 'font-size': 11.5, fill: muted }));
  if (text.value !== '' && look) parts.push(
    element('rect', { x: right - value, y: 53, width: value, height: 18, rx: 3, fill: look.colour }),
    svgText(right - value / 2, 62, text.value, { 'font-size': 11.5, 'font-weight': 600, 'text-anchor': 'middle', fill: look.ink }),
  );
  return parts;
}

const pill = (text: CardText, { x, y, width, height }: Rect, palette: Palette): Markup => element(
  'g', { transform: `translate(${x} ${y})`, 'text-anchor': 'middle' },
  element('title', {}, text.tip),
  element('rect', { width, height, rx: height / 2, fill: palette('var(--sunken)'), stroke: palette('var(--border-strong)') }),
  svgText(width / 2, height / 2 - 6, fitText(text.name, width - 24, 11.5), { 'font-size': 11.5, 'font-weight': 600, fill: palette('var(--text)') }),
  svgText(width / 2, height / 2 + 8, text.shape, { 'font-size': 10, 'font-family': MONO, fill: palette('var(--muted)') }),
);
