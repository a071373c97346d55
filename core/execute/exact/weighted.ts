// Convolution and fully connected layers on the kernels. From the weights themselves it is proved, for the whole layer, how wide sums can get;
// that chooses where they are kept and how they become outputs (the forms in core/kernels/assembly/weighted.ts).
import { FORM, instruction, MAGIC } from '../../kernels/index.ts';
import type { Quantization } from '../../ir/index.ts';
import { boundsOf, clamp, rint, type Activation } from '../../ops/index.ts';
import { byChannel, channelSums, halfStep, INT32_LIMIT, INT64_LIMIT, isShift, outputBounds, reachOf, rounding, roundsExactly, roundsInFloat32 } from './bounds.ts';
import { PIECE, piecesOf, STRANGE, UNPROVED, type Lowered, type NodeShape, type NotLowered } from './lowering.ts';

/** Sizes of the layer as a convolution over [batch, H, W, C]; a fully connected layer is one over [rows, 1, 1, C] with 1 x 1 kernels. */
export interface Window {
  readonly batch: number; readonly inputH: number; readonly inputW: number; readonly channels: number;
  readonly outputH: number; readonly outputW: number; readonly outputs: number;
  readonly kernelH: number; readonly kernelW: number;
  readonly strideH: number; readonly strideW: number; readonly dilationH: number; readonly dilationW: number;
  readonly padTop: number; readonly padLeft: number;
  readonly groups: number;
}

const TILE_PIXELS = 5;
const TILE_CHANNELS = 8;
/** Packed windows that stay in the second cache level while all weights pass. */
const BLOCK_BYTES = 131072;
/** With so few packed columns of pixels, and no more bytes, each thread packs all of them, and channels are dealt out instead of pixels. */
const FEW_COLUMNS = 32;
const FEW_BYTES = 524288;
/** Columns and tiles of channels that make a piece worth its while. */
const LEAST_COLUMNS = 4, LEAST_TILES = 2;
/** Packing may write so far beyond the last column. */
const SPREAD_BYTES = 80;
/** One or two pixels are not worth packing five. Their weights come from afar and count more than the products. */
const SINGLE_PIXELS = 2;
const LARGEST_WEIGHT = 128;

const upTo = (n: number, step: number): number => Math.ceil(n / step) * step;

/** What a sum is multiplied by and shifted to the right, in each channel. */
export interface Steps {
  readonly multiplier: Float64Array;
  readonly shift: Float64Array;
  /** What comes of it is cut to 32 bits, so it must stay within. */
  readonly within32?: true;
}
/** FORM.split: sums within this, and a shift of more bits than are split off. */
const [SPLIT_LIMIT, SPLIT_BITS] = [2 ** 47, 16];

/** What the proof found out about a layer. */
export interface Proof {
  readonly form: number;
  /** 0: 32-bit sums hold the whole. */
  readonly flushPairs: number;
  readonly scale: Float64Array;
  readonly offset: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** bias, multiplier, shift of each channel, for the forms in 64-bit integers. */
  readonly wide: BigInt64Array;
}

/** Weights of uint8 about their zero point may take more than 8 bits. */
export type StoredWeights = Int8Array | Int16Array;
/** Bounds a layer's sums and outputs, and says how they are computed. */
export type Prove = (node: NodeShape, weights: StoredWeights, outputs: number, input: Quantization, output: Quantization, bounds: { readonly min: number; readonly max: number }) => Proof | NotLowered;

export function lowerWeighted(node: NodeShape, g: Window, prove: Prove = proveShifts): Lowered | NotLowered {
  const weights = node.constants['weights']?.data;
  const input = node.inputs[0]?.quantization;
  const output = node.output.quantization;
  const groupChannels = g.channels / g.groups;
  const groupOutputs = g.outputs / g.groups;
  const taps = g.kernelH * g.kernelW;
  if (!(weights instanceof Int8Array || weights instanceof Int16Array) || !input || !output || input.dtype === 'int32' || weights.length !== g.outputs * taps * groupChannels) return STRANGE;
  const bounds = outputBounds(output, node.attrs['min'], node.attrs['max']);
  if (!bounds || (output.dtype === 'int32') !== (node.attrs['mode'] === 'none')) return STRANGE;
  const proof = prove(node, weights, g.outputs, input, output, bounds);
  if ('reason' in proof) return proof;

  const depthwise = g.groups === g.channels && g.groups === g.outputs && proof.flushPairs === 0 && proof.form !== FORM.wide;
  const merged = g.groups === 1 && (g.dilationW === 1 || g.kernelW === 1);
  const runs = merged ? g.kernelH : taps;
  const pixels = g.batch * g.outputH * g.outputW;
  const single = pixels <= SINGLE_PIXELS;
  const runLength = upTo(merged ? g.kernelW * groupChannels : groupChannels, single ? 8 : 2);
  const pairs = (runs * runLength) / 2;
  const allColumns = Math.ceil(pixels / TILE_PIXELS);
  const byPixels = !single && (allColumns >= FEW_COLUMNS || allColumns * pairs * 20 > FEW_BYTES);
  const columns = byPixels ? clamp(Math.floor(BLOCK_BYTES / (pairs * 20)), 1, allColumns) : allColumns;
  const groups = depthwise ? 1 : g.groups;
  const groupTiles = Math.ceil((depthwise ? g.channels : groupOutputs) / TILE_CHANNELS);
  const slots = tileSlots(groups, depthwise ? g.channels : groupOutputs);
  const spread = (data: Float64Array): number => {
    const placed = slots.map((o) => (o < 0 ? 0 : data[o] ?? 0));
    return node.pin(proof.form === FORM.single ? Float32Array.from(placed) : Float64Array.from(placed));
  };
  const fillRow = depthwise ? node.pin(new Int16Array(g.channels).fill(input.zeroPoint)) : 0;
  const scratchBytes = depthwise
    ? 64 + upTo((taps + 1) * 4, 64)
    : 192 + 384 + upTo(pairs * 4, 64) + upTo(single ? 0 : columns * pairs * 20 + SPREAD_BYTES, 64);
  const parameters = {
    ...g, groups, groupChannels, groupTiles, groupOutputs: depthwise ? g.channels : groupOutputs,
    weights: node.pin(depthwise ? packDepthwise(weights, g.channels, taps) : packTiles(weights, slots, { taps, groupChannels, merged, kernelW: g.kernelW, runs, runLength })),
    scale: spread(proof.scale), offset: spread(proof.offset), lower: spread(proof.lower), upper: spread(proof.upper),
    wide: proof.form >= FORM.wide && proof.form !== FORM.single ? node.pin(BigInt64Array.from(slots.flatMap((o) => [0, 1, 2].map((i) => (o < 0 ? 0n : proof.wide[o * 3 + i] ?? 0n))))) : 0,
    runs, runLength, merged: Number(merged), fill: input.zeroPoint, fillRow,
    form: proof.form, ...bounds, zeroPoint: output.dtype === 'int32' ? 0 : output.zeroPoint, magic: MAGIC + (output.dtype === 'int32' ? 0 : output.zeroPoint),
    flushPairs: proof.flushPairs, byPixels: Number(byPixels), single: Number(single), blockPixels: columns * TILE_PIXELS, weightBytes: weights.BYTES_PER_ELEMENT, scratchBytes,
  };
  const cost = pixels * g.outputs * taps * groupChannels;
  const pieces = depthwise ? piecesOf(cost, PIECE.products / 8, pixels / 4)
    : piecesOf(cost, single ? PIECE.products / 8 : PIECE.products, byPixels ? allColumns / LEAST_COLUMNS : (g.groups * groupTiles) / LEAST_TILES);
  return {
    cost, scratchBytes,
    instructions: ({ inputs: [x = 0], output: y, scratch }) => [instruction(depthwise ? 'depthwise' : 'convolution', { ...parameters, x, y, scratch }, pieces)],
  };
}

/** Output channel of each place in the tiles, -1 where a tile is not full. */
function tileSlots(groups: number, groupOutputs: number): number[] {
  const width = upTo(groupOutputs, TILE_CHANNELS);
  return Array.from({ length: groups * width }, (_, i) => (i % width < groupOutputs ? Math.floor(i / width) * groupOutputs + (i % width) : -1));
}

/**
 * Bounds every sum, part of a sum and output of the layer, for y = clamp(rshr((sum + bias) * m, n) + zy). Activations travel as stored, q; so the bias takes -zx * sum(w) with it:
 * sum (q - zx) * w + bias = sum q * w + (bias - zx * sum w).
 */
export function proveRounded(
  node: NodeShape, weights: StoredWeights, outputs: number, input: Quantization, output: Quantization, bounds: { readonly min: number; readonly max: number }, steps: Steps,
): Proof | NotLowered {
  const bias = node.constants['bias']?.data;
  const { multiplier, shift } = steps;
  if (!(bias instanceof Int32Array || bias instanceof BigInt64Array) || bias.length !== outputs || !(weights instanceof Int8Array)) return STRANGE;
  if (!multiplier.every((m) => Number.isInteger(m) && m >= 0 && m <= INT32_LIMIT) || !shift.every(isShift)) return STRANGE;
  const raw = output.dtype === 'int32';
  const run = weights.length / outputs;
  const reach = reachOf(input);
  const offsets = new Float64Array(outputs);
  let sums = 0, widest = 0, doubles = 0, wide = 0, outputReach = 0;
  for (let o = 0; o < outputs; o++) {
    const { sum, magnitude } = channelSums(weights, o, run);
    const n = shift[o] ?? 0;
    const m = multiplier[o] ?? 1;
    offsets[o] = Number(bias[o] ?? 0) - input.zeroPoint * sum;
    const whole = magnitude * reach + Math.abs(offsets[o] ?? 0);
    const bound = whole * m;
    sums = Math.max(sums, magnitude * reach);
    widest = Math.max(widest, whole);
    doubles = Math.max(doubles, bound);
    wide = Math.max(wide, n > 0 ? bound + 2 ** (n - 1) : bound * 2 ** -n, n > 61 ? INT64_LIMIT : 0);
    outputReach = Math.max(outputReach, bound * 2 ** -n);
  }
  const flushPairs = sums < INT32_LIMIT ? 0 : Math.floor(INT32_LIMIT / (2 * reach * LARGEST_WEIGHT)) & ~3;
  if (offsets.some((b) => !Number.isSafeInteger(b)) || sums >= 2 ** 52 || (steps.within32 && outputReach + 1 > INT32_LIMIT)) return UNPROVED;
  const inDoubles = roundsExactly(doubles);
  const splits = widest < SPLIT_LIMIT && shift.every((n) => n > SPLIT_BITS && n <= 62);
  if (!inDoubles && (raw || (wide >= INT64_LIMIT && !splits))) return UNPROVED;
  const single = !raw && flushPairs === 0 && roundsInFloat32(doubles, outputReach + Math.abs(output.zeroPoint), shift);
  const short = !raw && flushPairs === 0 && outputReach + Math.abs(output.zeroPoint) + 1 < INT32_LIMIT;
  const scale = Float64Array.from(shift, (n, o) => (multiplier[o] ?? 1) * 2 ** -n);
  const { lower, upper } = rounding(output.zeroPoint, bounds);
  const rawBounds = raw ? accumulatorBounds(node.attrs['activation'] as Activation, output, outputs, bounds) : undefined;
  return {
    form: !inDoubles ? (wide < INT64_LIMIT ? FORM.wide : FORM.split) : raw ? FORM.int32 : single ? FORM.single : short ? FORM.short : FORM.clamped,
    flushPairs, scale,
    offset: Float64Array.from(offsets, (b, o) => b * (scale[o] ?? 1) + (raw ? 0 : halfStep(shift[o] ?? 0))),
    lower: rawBounds?.lower ?? new Float64Array(outputs).fill(lower),
    upper: rawBounds?.upper ?? new Float64Array(outputs).fill(upper),
    wide: BigInt64Array.from(Array.from(offsets).flatMap((b, o) => [BigInt(b), BigInt(multiplier[o] ?? 1), BigInt(shift[o] ?? 0)])),
  };
}

const proveShifts: Prove = (node, weights, outputs, input, output, bounds) => {
  const multiplier = byChannel(node.attrs['mode'] === 'tflite' ? node.constants['multiplier'] : undefined, outputs, 1);
  const shift = byChannel(node.constants['shift'], outputs, 0);
  return multiplier && shift ? proveRounded(node, weights, outputs, input, output, bounds, { multiplier, shift }) : STRANGE;
};

/** A fused clamp on a raw accumulator, in each channel's own units. */
function accumulatorBounds(activation: Activation, output: Quantization, outputs: number, bounds: { min: number; max: number }): { lower: Float64Array; upper: Float64Array } {
  const { min, max } = boundsOf(activation);
  const scale = (o: number): number => (typeof output.scale === 'number' ? output.scale : output.scale[o] ?? 1);
  const at = (real: number, o: number): number => clamp(Number.isFinite(real) ? rint(real / scale(o)) : real, bounds.min, bounds.max);
  return { lower: Float64Array.from({ length: outputs }, (_, o) => at(min, o)), upper: Float64Array.from({ length: outputs }, (_, o) => at(max, o)) };
}

interface Packing {
  readonly taps: number;
  readonly groupChannels: number;
  readonly merged: boolean;
  readonly kernelW: number;
  readonly runs: number;
  readonly runLength: number;
}

/** [tile][k/2][8 channels][2], k in the order in which windows are packed; 0 where nothing is. */
function packTiles(weights: StoredWeights, slots: readonly number[], { taps, groupChannels, merged, kernelW, runs, runLength }: Packing): StoredWeights {
  const length = runs * runLength;
  const out = weights instanceof Int8Array ? new Int8Array(slots.length * length) : new Int16Array(slots.length * length);
  slots.forEach((o, slot) => {
    if (o < 0) return;
    const tile = (slot >> 3) * length * TILE_CHANNELS + (slot & 7) * 2;
    let from = o * taps * groupChannels;
    for (let tap = 0; tap < taps; tap++) {
      const first = merged ? Math.floor(tap / kernelW) * runLength + (tap % kernelW) * groupChannels : tap * runLength;
      for (let k = first; k < first + groupChannels; k++) out[tile + (k >> 1) * 16 + (k & 1)] = weights[from++] as number;
    }
  });
  return out;
}

/** [channels/8][taps/2][8 channels][2] as 16-bit lanes. */
function packDepthwise(weights: StoredWeights, channels: number, taps: number): Int16Array {
  const pairs = Math.ceil(taps / 2);
  const out = new Int16Array(upTo(channels, 8) * pairs * 2);
  for (let c = 0; c < channels; c++) for (let tap = 0; tap < taps; tap++) {
    out[((c >> 3) * pairs + (tap >> 1)) * 16 + (c & 7) * 2 + (tap & 1)] = weights[c * taps + tap] as number;
  }
  return out;
}
