// The layer table as CSV (RFC 4180): all nodes, with full digits.
import { useRecipe } from '../../stores/recipe.ts';
import { comparedRun, runName, shownRun, useSession } from '../../stores/session.ts';
import { runIndex } from '../../stores/run-index.ts';
import { chosenPrecision } from '../../stores/recipe-edit.ts';

const FIGURES = ['mae', 'mse', 'psnr'] as const;
const FEEDS = ['local', 'cumulative'] as const;

/** Quoted where it must be; a cell that a spreadsheet would take for a formula starts with an apostrophe. */
export function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function layersCsv(): string {
  const session = useSession.getState();
  const { recipe } = useRecipe.getState();
  const runs = [shownRun(session), comparedRun(session)].filter((run) => run !== null);
  const head = ['index', 'name', 'operator', 'unit', 'partition', 'precision', 'shape', 'macs', ...runs.flatMap((run) => FEEDS.flatMap((feed) => FIGURES.map((figure) => `${runName(run)} ${feed} ${figure}`)))];
  const rows = (session.model?.nodes ?? []).map((node, i) => [
    i, node.name, node.op, node.unit, node.partition, chosenPrecision(node, recipe), node.shape.join('x'), node.macs,
    ...runs.flatMap((run) => FEEDS.flatMap((feed) => FIGURES.map((figure) => runIndex(run)[feed].get(node.name)?.[figure]))),
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
