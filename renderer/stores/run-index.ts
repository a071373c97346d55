// A run's answers by node name, built once a run.
import type { ErrorView, RunView } from '../../core/contract/index.ts';
import type { Feed, Metric } from './view.ts';

type RunNodeView = RunView['nodes'][number];

export interface RunIndex {
  readonly nodes: ReadonlyMap<string, RunNodeView>;
  readonly local: ReadonlyMap<string, ErrorView>;
  readonly cumulative: ReadonlyMap<string, ErrorView>;
}

const EMPTY: RunIndex = { nodes: new Map(), local: new Map(), cumulative: new Map() };
const built = new WeakMap<RunView, RunIndex>();

const byName = <T extends { readonly name: string }>(rows: readonly T[]): ReadonlyMap<string, T> => new Map(rows.map((row) => [row.name, row]));

export function runIndex(run: RunView | null): RunIndex {
  if (!run) return EMPTY;
  let index = built.get(run);
  if (!index) built.set(run, (index = { nodes: byName(run.nodes), local: byName(run.local), cumulative: byName(run.cumulative) }));
  return index;
}

export const errorOf = (run: RunView | null, feed: Feed, metric: Metric, name: string): number | undefined => runIndex(run)[feed].get(name)?.[metric];

/** Mean over the nodes with a finite value; a node without error at all has infinite psnr and would hide the rest. */
export function meanError(run: RunView, feed: Feed, metric: Metric): number | null {
  const values = run[feed].map((row) => row[metric]).filter(Number.isFinite);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
