// The facts of a report: the model, the configuration of the run and its figures, as names and values.
import type { ModelView, Recipe, RunView } from '../../core/contract/index.ts';
import { bytesText, countText, errorText, METRICS, numberText, percentText } from '../controls/number-text.ts';
import { shapeText } from '../graph/derive.ts';
import { METHOD_TEXT } from '../panels/configuration/calibration-parameters.ts';
import { FORMATS } from '../panels/model/formats.ts';
import { CHOICES } from '../stores/recipe-edit.ts';
import { meanError } from '../stores/run-index.ts';
import type { Feed, Metric } from '../stores/view.ts';

export type Row = readonly [name: string, value: string];

const FEEDS: readonly Feed[] = ['local', 'cumulative'];
const yesNo = (yes: boolean): string => (yes ? 'yes' : 'no');
const ports = (list: ModelView['inputs']): string => list.map(({ name, shape, dtype }) => `${name} ${shapeText(shape)} ${dtype}`).join(', ');

export function modelFacts({ name, format, inputs, outputs, nodes }: ModelView): Row[] {
  const units = [...new Set(nodes.map(({ unit }) => unit))].map((unit) => `${nodes.filter((node) => node.unit === unit).length} on the ${unit}`);
  return [
    ['Name', name], ['Format', FORMATS[format]], ['Inputs', ports(inputs)], ['Outputs', ports(outputs)],
    ['Nodes', `${nodes.length}: ${units.join(', ')}`],
    ['MACs', countText(nodes.reduce((sum, { macs }) => sum + macs, 0))],
    ['Constants', bytesText(nodes.reduce((sum, { constants }) => constants.reduce((bytes, constant) => bytes + constant.bytes, sum), 0))],
  ];
}

function choiceText({ precision, unquantized, outputInt32 }: Recipe['nodes'][string]): string {
  return [precision, unquantized && 'float', outputInt32 && 'int32 output'].filter((part) => typeof part === 'string').join(', ');
}

export function configurationFacts(recipe: Recipe): Row[] {
  const { method, bins, percentile } = recipe.calibration;
  const parameters = [bins !== undefined && `${bins} bins`, percentile !== undefined && `${percentile} %`].filter((part) => part !== false);
  return [
    ['Preset', recipe.preset],
    ['Calibration', [METHOD_TEXT[method], ...parameters].join(', ')],
    ['Weights', recipe.weights], ['Activations', recipe.activations], ['Requantization', recipe.requantization], ['Rounding of weights', recipe.weightRounding],
    ['Bias correction', yesNo(recipe.biasCorrection)], ['Channel equalization', yesNo(recipe.channelEqualization)],
    ['Chosen by node', Object.entries(recipe.nodes).map(([name, choice]) => `${name}: ${choiceText(choice)}`).join('; ') || 'none'],
  ];
}

/** The worst finite error of a run, and whose it is: the lowest psnr, the highest mae or mse. */
function worst(run: RunView, feed: Feed, metric: Metric): string {
  const rows = run[feed].filter((row) => Number.isFinite(row[metric]));
  const [first, ...others] = rows;
  if (!first) return 'none';
  const row = others.reduce((a, b) => ((metric === 'psnr' ? b.psnr < a.psnr : b[metric] > a[metric]) ? b : a), first);
  return `${errorText(row[metric], metric)} (${row.name})`;
}

export function figureFacts(run: RunView): Row[] {
  const { accuracy } = run;
  const precisions = CHOICES.map((precision) => [precision, run.nodes.filter((node) => node.precision === precision).length] as const).filter(([, count]) => count > 0);
  const errors = FEEDS.flatMap((feed) => (['psnr', 'mae', 'mse'] as const).map((metric): Row => {
    const mean = meanError(run, feed, metric);
    return [`${METRICS[metric].label}, ${feed}`, mean === null ? 'none' : `mean over nodes ${errorText(mean, metric)}, worst ${worst(run, feed, metric)}`];
  }));
  return [
    ['Samples', `${run.calibrationSamples} to calibrate, ${run.analysisSamples} to measure errors`],
    ['Precision of nodes', precisions.map(([precision, count]) => `${count} at ${precision}`).join(', ')],
    ...(accuracy === null ? [] : (['top1', 'top5'] as const).map((top): Row => [
      `Accuracy, ${top === 'top1' ? 'top-1' : 'top-5'}`, `float ${percentText(accuracy.float[top])}, quantized ${percentText(accuracy.quantized[top])}, on ${accuracy.quantized.samples} samples`,
    ])),
    ...errors,
    ['Boundary requantizations', numberText(run.boundaries)],
    ['Weights', bytesText(run.weightBytes)],
  ];
}
