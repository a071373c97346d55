// The inside of one node for the inspector: histogram and the ranges of all five methods, weights by channel.
import { CALIBRATION_METHODS, type Result } from '../contract/index.ts';
import { rangeOf, rebin } from '../calibrate/index.ts';
import { RequantError } from '../errors/index.ts';
import { searchLoops } from '../execute/index.ts';
import { CalibrationMethod, type PlacedNode, type Statistics } from '../ir/index.ts';
import { operator } from '../ops/index.ts';
import type { LoadedNet } from './loaded-net.ts';
import type { Run } from './run.ts';
import { methodOf } from './settings.ts';

type NodeDetail = Result<'node.inspect'>;
const BINS = 128;

export interface InspectContext {
  readonly statistics: Statistics | undefined;
  readonly run: Run | undefined;
}

/** Raises NODE_UNKNOWN. */
export function inspectNode(net: LoadedNet, name: string, context: InspectContext): NodeDetail {
  const node = net.graph.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new RequantError('NODE_UNKNOWN', 'the network has no node of this name', { node: name });
  return {
    name,
    activation: activation(node, context),
    weights: weights(net, node, context.run),
  };
}

function activation(node: PlacedNode, { statistics, run }: InspectContext): NodeDetail['activation'] {
  const observed = statistics?.values.get(node.outputs[0] ?? '');
  if (!observed) return null;
  const chosen = run?.view.nodes.find((candidate) => candidate.name === node.name)?.precision;
  const precision = chosen === 'int16' ? 'int16' : 'int8';
  const asymmetric = run?.view.recipe.activations !== 'symmetric';
  const { min, max } = observed;
  // The method in use has the parameters that it was given, the others their own defaults.
  const used = run?.view.recipe.calibration;
  return {
    histogram: { min, max, counts: [...rebin(observed.histogram, min, max, BINS)] },
    ranges: CALIBRATION_METHODS.map((name) => ({ method: name, ...rangeOf(observed, name === used?.method ? methodOf(used) : CalibrationMethod.fromStr(name), { precision, asymmetric }, searchLoops) })),
    precision,
  };
}

function weights(net: LoadedNet, node: PlacedNode, run: Run | undefined): NodeDetail['weights'] {
  if (!operator(node.op).traits.includes('weighted')) return null;
  const { graph } = run?.view.recipe.channelEqualization ? net.equalized() : net;
  const tensor = graph.constants.get(graph.nodes.find((candidate) => candidate.name === node.name)?.inputs[1] ?? '');
  if (!(tensor?.data instanceof Float32Array)) return null;
  const { data } = tensor;
  const channels = tensor.shape[0] ?? 1;
  const length = data.length / channels;
  const scales = run ? weightScales(run, node.name) : undefined;
  const perChannel = Array.from({ length: channels }, (_, o) => {
    let min = Infinity;
    let max = -Infinity;
    for (let k = o * length; k < (o + 1) * length; k++) { min = Math.min(min, data[k] ?? 0); max = Math.max(max, data[k] ?? 0); }
    return { min, max, scale: scales?.(o) ?? null };
  });
  const min = perChannel.reduce((a, c) => Math.min(a, c.min), Infinity);
  const max = perChannel.reduce((a, c) => Math.max(a, c.max), -Infinity);
  const counts = new Array<number>(BINS).fill(0);
  for (const w of data) {
    const bin = max > min ? Math.min(BINS - 1, Math.floor(((w - min) / (max - min)) * BINS)) : 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { histogram: { min, max, counts }, channels: perChannel };
}

/** Scale of an output channel's weights, worked back from the requantization that the run chose (numerics 4). */
function weightScales(run: Run, name: string): ((o: number) => number) | undefined {
  const { graph } = run.model;
  const node = graph.nodes.find((candidate) => candidate.name === name && candidate.kind === 'integer');
  if (!node) return undefined;
  const sx = graph.values.get(node.inputs[0] ?? '')?.quantization?.scale;
  const sy = graph.values.get(node.outputs[0] ?? '')?.quantization?.scale;
  if (typeof sx !== 'number' || sy === undefined) return undefined;
  if (typeof sy !== 'number') return (o) => (sy[o] ?? 0) / sx;
  const shift = graph.constants.get(node.constants['shift'] ?? '')?.data;
  const multiplier = graph.constants.get(node.constants['multiplier'] ?? '')?.data;
  const at = (data: ArrayLike<number | bigint> | undefined, o: number, otherwise: number): number => (data ? Number(data[data.length === 1 ? 0 : o] ?? otherwise) : otherwise);
  return (o) => (sy * at(multiplier, o, 1)) / (sx * 2 ** at(shift, o, 0));
}
