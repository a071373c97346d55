// The layer table of a report: every node in execution order, how it ran, and its errors; the shown error in its colour of the graph.
import type { ModelView, RunView } from '../../core/contract/index.ts';
import { countText, errorText, METRICS } from '../controls/number-text.ts';
import { shapeText } from '../graph/derive.ts';
import type { Overlay } from '../graph/overlays/index.ts';
import { runIndex } from '../stores/run-index.ts';
import { element, type Markup } from './markup.ts';

const FEEDS = ['local', 'cumulative'] as const;
const FIGURES = ['psnr', 'mae', 'mse'] as const;
const TEXT_COLUMNS = ['Name', 'Operator', 'Unit', 'Precision', 'Shape'] as const;

const number = (text: string): Markup => element('td', { class: 'number' }, text);

export const layerHead = (): Markup => element(
  'thead', {},
  element(
    'tr', {},
    element('th', { class: 'number', scope: 'col' }, '#'), element('th', { scope: 'col', 'aria-label': 'Colour on the graph' }),
    ...TEXT_COLUMNS.map((column) => element('th', { scope: 'col' }, column)), element('th', { class: 'number', scope: 'col' }, 'MACs'),
    ...FEEDS.flatMap((feed) => FIGURES.map((figure) => element('th', { class: 'number', scope: 'col' }, `${METRICS[figure].label} ${feed}`))),
  ),
);

export function layerRows({ nodes }: ModelView, run: RunView, overlay: Overlay): Markup[] {
  const index = runIndex(run);
  return nodes.map((node, i) => {
    const ran = index.nodes.get(node.name), colour = overlay.colourOf(node.name)?.colour;
    const precision = ran === undefined ? '' : `${ran.precision}${ran.outputInt32 ? ' → int32' : ''}`;
    return element(
      'tr', {},
      number(String(i)), element('td', colour === undefined ? {} : { style: `background: ${colour}` }),
      element('td', { class: 'name' }, node.name), ...[node.op, node.unit, precision, shapeText(node.shape)].map((text) => element('td', {}, text)),
      number(node.macs === 0 ? '' : countText(node.macs)),
      ...FEEDS.flatMap((feed) => FIGURES.map((figure) => {
        const value = index[feed].get(node.name)?.[figure];
        return number(value === undefined ? '' : errorText(value, figure));
      })),
    );
  });
}
