// The legend of an exported graph: what the colours mean, and where they come from.
import { BETTER_WORSE, type Legend } from '../graph/overlays/index.ts';
import type { Palette } from '../graph/palette.ts';
import { element, type Markup } from './markup.ts';
import { svgText } from './svg-text.ts';

export const LEGEND_HEIGHT = 58;
const ROW = 22;
const LETTER = 6.4;
const itemWidth = ({ label, count }: { readonly label: string; readonly count: number }): number => 30 + `${label} ${count}`.length * LETTER;

/** Room for every line of it. */
export function legendWidth(legend: Legend): number {
  const row = legend.kind === 'categories' ? legend.items.reduce((sum, item) => sum + itemWidth(item), 0) : 2 * BAR.x + BAR.width;
  return Math.max(row, legend.note.length * LETTER, legend.title.length * LETTER);
}
const BAR = { x: 132, width: 200, height: 10 } as const;

export function legendSvg(legend: Legend, palette: Palette): Markup {
  const text = palette('var(--text)'), muted = palette('var(--muted)');
  return element(
    'g', { 'font-size': 11.5, fill: text },
    svgText(0, 8, legend.title, { 'font-size': 12, 'font-weight': 650 }),
    ...body(legend, palette),
    ...(legend.note === '' ? [] : [svgText(0, 8 + 2 * ROW, legend.note, { fill: muted })]),
  );
}

function body(legend: Legend, palette: Palette): Markup[] {
  const y = 8 + ROW;
  switch (legend.kind) {
    case 'text': return [];
    case 'scale': {
      const stops = colourStops(legend.gradient), [first, last] = legend.ends ?? BETTER_WORSE;
      return [
        element('linearGradient', { id: 'legend' }, ...stops.map((colour, i) => element('stop', { offset: stops.length === 1 ? 0 : i / (stops.length - 1), 'stop-color': colour }))),
        svgText(BAR.x - 8, y, `${first} ${legend.good}`, { 'text-anchor': 'end' }),
        element('rect', { x: BAR.x, y: y - BAR.height / 2, width: BAR.width, height: BAR.height, rx: 2, fill: 'url(#legend)' }),
        svgText(BAR.x + BAR.width + 8, y, `${legend.bad} ${last}`, {}),
      ];
    }
    case 'categories': {
      let x = 0;
      return legend.items.flatMap(({ label, colour, count }) => {
        const at = x;
        x += itemWidth({ label, count });
        return [element('rect', { x: at, y: y - 5, width: 10, height: 10, rx: 2, fill: palette(colour) }), svgText(at + 16, y, `${label} ${count}`, {})];
      });
    }
  }
}

/** The colours of a CSS gradient with even steps. */
export const colourStops = (gradient: string): readonly string[] => gradient.match(/rgb\([^)]*\)/g) ?? [];
