// Channel equalization (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction", section 4.1):
// PartitionedGraph -> the same function with the channel ranges of neighbouring weighted layers made equal.
import { consumersOf, type PartitionedGraph, type PlacedNode } from '../ir/index.ts';
import { boundsOf, operator, type Activation, type NodeView } from '../ops/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';

export interface Equalized {
  readonly graph: PartitionedGraph;
  /** What each value between two equalized layers was divided by, one factor a channel of its last dimension. */
  readonly factors: ReadonlyMap<string, Float64Array>;
}

/** A sweep that changes no factor by more than this share is the last one; so is the hundredth. */
const CONVERGED = 1e-3;
const MAX_SWEEPS = 100;
/** A channel whose weights are smaller than this share of its layer's largest does nothing: levelling it would only blow up its bias. */
const DEAD = 2 ** -20;

/**
 * Scales output channel c of a weighted layer by 1 / s[c] and input channel c of the next by s[c], with s[c] = sqrt(r1[c] / r2[c]) for the ranges
 * r = max|w| of either side, for every pair of layers in turn until nothing moves. A pair is joined by nothing, by a relu, or by operators that keep
 * channels apart and scale with their input; the values between have no other reader and are no outputs. A clip from above (relu6) is no such
 * operator, and its pair is left alone. Names, shapes and placement stay.
 */
export function equalize(graph: PartitionedGraph): Equalized {
  const pairs = pairsOf(graph);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const moved = pairs.reduce((largest, pair) => Math.max(largest, level(pair)), 0);
    if (moved < CONVERGED) break;
  }
  const factors = new Map(pairs.flatMap((pair) => pair.between.map((value) => [value, pair.factors] as const)));
  const layers = new Set(pairs.flatMap(({ first, second }) => [first, second]));
  const constants = new Map(graph.constants);
  const inputs = new Map([...layers].map((layer) => [layer.node, rescaled(layer, constants, graph)] as const));
  return { graph: { ...graph, constants, nodes: graph.nodes.map((node) => ({ ...node, inputs: inputs.get(node) ?? node.inputs })) }, factors };
}

interface Layer {
  readonly node: PlacedNode;
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  /** Weights of one output channel. */
  readonly run: number;
  /** Input channel of every weight; undefined where scaling the input is not scaling the weights. */
  readonly channels: Int32Array | undefined;
  /** Factors of the value it reads and of the value it writes; absent where that is not equalized. */
  reads?: Float64Array;
  writes?: Float64Array;
}

interface Pair {
  readonly first: Layer;
  readonly second: Layer;
  readonly between: readonly string[];
  readonly factors: Float64Array;
}

function pairsOf(graph: PartitionedGraph): readonly Pair[] {
  const consumers = consumersOf(graph.nodes);
  const outputs = new Set(graph.outputs.map((port) => port.value));
  const layers = new Map(graph.nodes.flatMap((node) => { const layer = layerOf(graph, node); return layer ? [[node, layer] as const] : []; }));
  const channelsOf = (value: string): number => graph.values.get(value)?.shape.at(-1) ?? 0;
  const pairs: Pair[] = [];
  for (const first of layers.values()) {
    if (!scalesWithInput(first.node) || channelsOf(first.node.outputs[0] ?? '') !== first.weights.length / first.run) continue;
    const between: string[] = [];
    for (let value = first.node.outputs[0] ?? ''; ;) {
      between.push(value);
      const readers = consumers.get(value) ?? [];
      const [reader] = readers;
      if (!reader || readers.length > 1 || outputs.has(value) || reader.inputs.filter((input) => input === value).length > 1 || reader.inputs[0] !== value) break;
      const second = layers.get(reader);
      if (second) {
        if (!second.channels) break;
        const factors = new Float64Array(channelsOf(value)).fill(1);
        first.writes = factors;
        second.reads = factors;
        pairs.push({ first, second, between, factors });
        break;
      }
      const next = reader.outputs[0] ?? '';
      if (!operator(reader.op).traits.includes('homogeneous') || channelsOf(next) !== channelsOf(value)) break;
      value = next;
    }
  }
  return pairs;
}

/** A fused activation lets a positive factor through only when its bounds are 0 or infinite. */
const scalesWithInput = ({ attrs }: PlacedNode): boolean => {
  const { min, max } = boundsOf((attrs['activation'] ?? 'none') as Activation);
  return [min, max].every((bound) => bound === 0 || !Number.isFinite(bound));
};

function layerOf(graph: PartitionedGraph, node: PlacedNode): Layer | undefined {
  const definition = operator(node.op);
  const [x = '', w = '', b = ''] = node.inputs;
  const weights = graph.constants.get(w);
  const bias = graph.constants.get(b);
  if (!definition.traits.includes('weighted') || !graph.values.has(x) || !(weights?.data instanceof Float32Array) || weights.data.length === 0) return undefined;
  if (b !== '' && !(bias?.data instanceof Float32Array)) return undefined;
  const view: NodeView<never> = {
    attrs: node.attrs as never, where: { node: node.name },
    inputs: [{ name: x, shape: graph.values.get(x)?.shape ?? [] }, { name: w, shape: weights.shape, constant: weights }],
  };
  const run = weights.data.length / (weights.shape[0] ?? 1);
  const channelOf = definition.inputChannelOf?.(view);
  const channels = channelOf && Int32Array.from(weights.data, (_, i) => channelOf(Math.floor(i / run), i % run));
  return { node, weights: weights.data, bias: bias?.data instanceof Float32Array ? bias.data : undefined, run, channels };
}

/** The factor that a weight has been given so far. */
const gain = ({ channels, reads, writes, run }: Layer, i: number): number =>
  (reads && channels ? (reads[channels[i] ?? 0] ?? 1) : 1) / (writes?.[Math.floor(i / run)] ?? 1);

/** max|w| of every channel, as output channels or as input channels of the layer. */
function ranges(layer: Layer, length: number, channelAt: (i: number) => number): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < layer.weights.length; i++) {
    const c = channelAt(i);
    const size = Math.abs(layer.weights[i] ?? 0) * gain(layer, i);
    if (size > (out[c] ?? 0)) out[c] = size;
  }
  return out;
}

/** Levels one pair; returns the largest change of a factor, as a share. */
function level({ first, second, factors }: Pair): number {
  const r1 = ranges(first, factors.length, (i) => Math.floor(i / first.run));
  const r2 = ranges(second, factors.length, (i) => second.channels?.[i] ?? 0);
  const [least1, least2] = [r1, r2].map((r) => DEAD * r.reduce((a, b) => Math.max(a, b), 0));
  let moved = 0;
  for (let c = 0; c < factors.length; c++) {
    const a = r1[c] ?? 0;
    const b = r2[c] ?? 0;
    if (a <= (least1 ?? 0) || b <= (least2 ?? 0)) continue;
    const s = Math.sqrt(a / b);
    factors[c] = (factors[c] ?? 1) * s;
    moved = Math.max(moved, Math.abs(s - 1));
  }
  return moved;
}

/** Adds the layer's rescaled weights and bias to `constants`; returns the node's inputs. */
function rescaled(layer: Layer, constants: Map<string, Tensor>, graph: PartitionedGraph): readonly string[] {
  const { node, weights, bias, writes } = layer;
  const [x = '', w = '', b = ''] = node.inputs;
  const shape = constants.get(w)?.shape ?? [];
  const add = (role: string, data: Float32Array, dimensions: readonly number[]): string => {
    let name = `${node.outputs[0] ?? ''}/equalized_${role}`;
    while (constants.has(name) || graph.values.has(name)) name += '#';
    constants.set(name, float32(dimensions, data));
    return name;
  };
  const scaledWeights = add('weights', weights.map((value, i) => value * gain(layer, i)), shape);
  const scaledBias = bias && writes ? add('bias', bias.map((value, o) => value / (writes[o] ?? 1)), [bias.length]) : b;
  return b === '' ? [x, scaledWeights] : [x, scaledWeights, scaledBias];
}
