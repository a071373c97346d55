// The rows of the layer table: nodes with what is chosen for them and what the shown run measured.
import type { ModelView, NodeView, Recipe, RunView } from '../../../core/contract/index.ts';
import { chosenPrecision, type ChosenPrecision } from '../../stores/recipe-edit.ts';
import { differenceText, worsening } from '../../graph/overlays/difference.ts';
import { errorOf, runIndex } from '../../stores/run-index.ts';
import type { Feed, Metric } from '../../stores/view.ts';

export interface LayerRow {
  readonly index: number;
  readonly name: string;
  readonly op: string;
  readonly unit: NodeView['unit'];
  readonly chosen: ChosenPrecision;
  readonly ran: ChosenPrecision | undefined;
  readonly shape: readonly number[];
  readonly macs: number;
  readonly mae: number | undefined;
  readonly mse: number | undefined;
  readonly psnr: number | undefined;
  /** Against the compared run: as text, and by how much it is worse. */
  readonly difference: { readonly text: string; readonly worse: number } | undefined;
}

function differenceOf(name: string, run: RunView | null, compared: RunView | null, feed: Feed, metric: Metric): LayerRow['difference'] {
  const now = errorOf(run, feed, metric, name), before = errorOf(compared, feed, metric, name);
  return now === undefined || before === undefined ? undefined : { text: differenceText(metric, now, before), worse: worsening(metric, now, before) };
}

export function layerRows(model: ModelView, recipe: Recipe, run: RunView | null, feed: Feed, metric: Metric, compared: RunView | null): LayerRow[] {
  const index = runIndex(run);
  return model.nodes.map((node, i): LayerRow => {
    const error = index[feed].get(node.name);
    return {
      index: i, name: node.name, op: node.op, unit: node.unit, chosen: chosenPrecision(node, recipe), ran: index.nodes.get(node.name)?.precision,
      shape: node.shape, macs: node.macs, mae: error?.mae, mse: error?.mse, psnr: error?.psnr, difference: differenceOf(node.name, run, compared, feed, metric),
    };
  });
}
