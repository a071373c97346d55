// Transposed convolution on the kernels, rewritten to convolutions. Output pixels whose place leaves the same remainder by the stride see the same taps, so each
// such phase is an ordinary convolution of stride 1 with those taps in reverse, and its outputs are spread over the whole.
import * as v from 'valibot';
import { transposedAttributes, transposedGeometry } from '../../ops/index.ts';
import type { Instruction } from '../../kernels/index.ts';
import { sameShape, sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, widthOf, type Lowered, type Lowering } from './lowering.ts';
import { lowerWeighted, type Prove } from './weighted.ts';

/** More phases than this make too long a program. */
const MOST_PHASES = 256;

/** One phase along one dimension: output positions first, first + stride ... and the window that each of them sees. */
interface Phase {
  readonly first: number;
  readonly count: number;
  /** Taps in the order of the input; none where the phase sees no input. */
  readonly taps: readonly number[];
  readonly dilation: number;
  /** Positions that the window begins before the output's place in the phase; it may begin behind it. */
  readonly pad: number;
}
function phasesOf(length: number, kernel: number, stride: number, dilation: number, pad: number): readonly Phase[] {
  return Array.from({ length: Math.min(stride, length) }, (_, first) => {
    // Tap i of output position p reads input (p + pad - i * dilation) / stride.
    const taps = Array.from({ length: kernel }, (_, i) => kernel - 1 - i).filter((i) => (first + pad - i * dilation) % stride === 0);
    const at = (i: number): number => (first + pad - i * dilation) / stride;
    const [start = 0, next = start] = taps;
    return { first, count: Math.ceil((length - first) / stride), taps, dilation: taps.length > 1 ? at(next) - at(start) : 1, pad: taps.length > 0 ? -at(start) : 0 };
  });
}

/** Taps of [O, kh, kw, I]; a phase without any has one weight of 0, so that its bias is left. */
function pickTaps(weights: Tensor, rows: readonly number[], columns: readonly number[]): Tensor | undefined {
  const [outputs = 0, , kernelW = 0, channels = 0] = weights.shape;
  const { data } = weights;
  if (!(data instanceof Int8Array || data instanceof Int16Array)) return undefined;
  const empty = rows.length * columns.length === 0;
  const shape = [outputs, empty ? 1 : rows.length, empty ? 1 : columns.length, channels];
  const out = data instanceof Int8Array ? new Int8Array(sizeOf(shape)) : new Int16Array(sizeOf(shape));
  if (!empty) {
    const window = sizeOf(weights.shape.slice(1));
    let to = 0;
    for (let o = 0; o < outputs; o++) for (const i of rows) for (const j of columns) {
      const from = o * window + (i * kernelW + j) * channels;
      out.set(data.subarray(from, from + channels), to);
      to += channels;
    }
  }
  return tensor(weights.dtype, shape, out);
}

export const transposedBy = (prove?: Prove): Lowering => (node) => {
  const { strides, pads, dilations, groups, outputPadding } = v.parse(transposedAttributes, node.attrs);
  const weights = node.constants['weights'];
  const g = transposedGeometry({ strides, pads, dilations, groups, outputPadding }, node.inputs[0]?.shape ?? [], weights?.shape ?? [], { where: {} });
  const out = [g.batch, g.rows, g.columns, g.outputs];
  if (!weights || !sameShape(node.output.shape, out)) return STRANGE;
  const down = phasesOf(g.rows, g.kernelH, strides[0], dilations[0], pads[0]);
  const across = phasesOf(g.columns, g.kernelW, strides[1], dilations[1], pads[1]);
  if (down.length * across.length > MOST_PHASES) return STRANGE;
  const width = widthOf(node.output.quantization);
  const steps = stepsOf(out, width);
  const whole = down.length * across.length === 1;
  const parts: { readonly lowered: Lowered; readonly spread: (x: number, y: number) => Instruction; readonly bytes: number }[] = [];
  for (const row of down) for (const column of across) {
    const taps = pickTaps(weights, row.taps, column.taps);
    if (!taps) return STRANGE;
    const empty = row.taps.length * column.taps.length === 0;
    const [, kernelH = 1, kernelW = 1] = taps.shape;
    const shape = [g.batch, row.count, column.count, g.outputs];
    const lowered = lowerWeighted({ ...node, constants: { ...node.constants, weights: taps } }, {
      batch: g.batch, inputH: g.height, inputW: g.width, channels: g.channels, outputH: row.count, outputW: column.count, outputs: g.outputs, kernelH, kernelW,
      strideH: 1, strideW: 1, dilationH: empty ? 1 : row.dilation, dilationW: empty ? 1 : column.dilation, padTop: empty ? 0 : row.pad, padLeft: empty ? 0 : column.pad, groups,
    }, prove);
    if ('reason' in lowered) return lowered;
    const write = copying(node.pin, shape, stepsOf(shape, width), [steps[0] ?? 0, (steps[1] ?? 0) * strides[0], (steps[2] ?? 0) * strides[1], width], width);
    if (!write) return STRANGE;
    const to = row.first * (steps[1] ?? 0) + column.first * (steps[2] ?? 0);
    parts.push({ lowered, bytes: sizeOf(shape) * width, spread: (x, y) => write(x, y + to) });
  }
  return {
    cost: parts.reduce((n, { lowered }) => n + lowered.cost, 0), scratchBytes: Math.max(...parts.map(({ lowered }) => lowered.scratchBytes ?? 0)),
    temporaries: whole ? [] : [Math.max(...parts.map(({ bytes }) => bytes))],
    instructions: (at) => parts.flatMap(({ lowered, spread }) => {
      if (whole) return lowered.instructions(at);
      const [phase = 0] = at.temporaries;
      return [...lowered.instructions({ ...at, output: phase }), spread(phase, at.output)];
    }),
  };
};

export const lowerTransposed = transposedBy();
