// The report of a run: one HTML file that needs nothing else, to be read, sent and printed. No script; its own policy forbids any.
import type { ModelView, RunView } from '../../core/contract/index.ts';
import { durationText } from '../controls/number-text.ts';
import { graphSvg, type GraphPicture } from './graph-svg.ts';
import { element, type Child, type Markup } from './markup.ts';
import { configurationFacts, figureFacts, modelFacts, type Row } from './report-facts.ts';
import { layerHead, layerRows } from './report-layers.ts';

export interface Report {
  readonly model: ModelView;
  readonly run: RunView;
  /** `Run 3` */
  readonly name: string;
  /** What a person has written about it. */
  readonly note: string;
  /** The studio's version, and when the report is written. */
  readonly version: string;
  readonly date: Date;
  readonly picture: GraphPicture;
}

/** Without quotes and angle brackets: a style sheet in HTML knows no entities. */
const STYLE = `
  body { font: 14px/1.45 system-ui, Liberation Sans, DejaVu Sans, sans-serif; color: #1a222d; background: #fff; max-width: 1100px; margin: 32px auto; padding: 0 24px; }
  h1 { font-size: 24px; margin: 0; } h2 { font-size: 17px; margin: 32px 0 8px; }
  p { margin: 4px 0; } .quiet { color: #566171; } .note { border-left: 3px solid #1b5fc1; padding-left: 10px; white-space: pre-wrap; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; vertical-align: top; padding: 3px 10px 3px 0; border-bottom: 1px solid #d8dce2; }
  .facts td, .name { overflow-wrap: anywhere; }
  thead th { font-weight: 600; color: #566171; vertical-align: bottom; }
  .facts th { font-weight: 400; color: #566171; white-space: nowrap; }
  .layers { width: 100%; font-size: 12px; } .layers .number { text-align: right; } .layers td { white-space: nowrap; } .layers .name { white-space: normal; min-width: 120px; }
  svg { display: block; max-width: 100%; height: auto; }
  @media print { body { margin: 0; max-width: none; padding: 0; } tr { break-inside: avoid; } h2 { break-after: avoid; } body, svg, td { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
const POLICY = 'default-src \'none\'; style-src \'unsafe-inline\'';

const facts = (rows: readonly Row[]): Markup =>
  element('table', { class: 'facts' }, element('tbody', {}, ...rows.map(([name, value]) => element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value)))));

const section = (title: string, ...children: readonly Child[]): Markup => element('section', {}, element('h2', {}, title), ...children);

export function reportHtml({ model, run, name, note, version, date, picture }: Report): string {
  const title = `${model.name}: ${name}`;
  const page = element(
    'html', { lang: 'en' },
    element(
      'head', {},
      element('meta', { charset: 'utf-8' }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('title', {}, title),
      element('style', {}, STYLE),
    ),
    element(
      'body', {},
      element('h1', {}, title),
      element('p', { class: 'quiet' }, `Quantization report, Requant ${version}, ${date.toISOString().slice(0, 16).replace('T', ' ')} UTC. The run took ${durationText(run.seconds)}.`),
      ...(note.trim() === '' ? [] : [element('p', { class: 'note' }, note)]),
      section('Model', facts(modelFacts(model))),
      section('Configuration', facts(configurationFacts(run.recipe))),
      section('Figures', facts(figureFacts(run))),
      ...(run.notices.length === 0 ? [] : [section('Notices', element('ul', {}, ...run.notices.map((notice) => element('li', {}, notice))))]),
      section('Graph', graphSvg(picture)),
      section(
        'Layers',
        element('p', { class: 'quiet' }, 'Local: each node alone, fed with float values. Cumulative: with the errors of all nodes before it.'),
        element('table', { class: 'layers' }, layerHead(), element('tbody', {}, ...layerRows(model, run, picture.overlay))),
      ),
    ),
  );
  return `<!doctype html>\n${page.toString()}\n`;
}
