// Operators that only move integers: the ordinary ones serve, as long as both sides are stored alike, which TensorFlow Lite takes for granted.
import type { Operator } from '../operator.ts';
import { broadcastTo } from '../broadcast-to.ts';
import { gather } from '../gather.ts';
import { pad, slice, transpose } from '../movement.ts';
import { maxPool2d } from '../pool.ts';
import { resizeNearest } from '../resize.ts';
import { refuse, stored, type TfliteTwin } from './twin.ts';

const moved = (operator: Operator): TfliteTwin => ({
  operator,
  int16: true,
  plan: (node) => {
    const x = stored(node, 0);
    if (x.scale !== node.output.scale || x.zeroPoint !== node.output.zeroPoint) throw refuse(`${node.source} moves integers, but its sides are stored with different scales`);
    return { attrs: node.attrs, constants: {}, output: node.output, activations: [0] };
  },
});

export const tfliteMaxPool = moved(maxPool2d);
export const tfliteTranspose = moved(transpose);
export const tfliteSlice = moved(slice);
export const tfliteBroadcastTo = moved(broadcastTo);
export const tfliteGather = moved(gather);
export const tfliteResizeNearest = moved(resizeNearest);

/** Padding is the zero point, the integer of 0. */
export const tflitePad: TfliteTwin = {
  ...moved(pad),
  plan: (node) => {
    if (node.attrs['value'] !== 0) throw refuse(`a ${node.source} with ${String(node.attrs['value'])}`);
    return moved(pad).plan(node);
  },
};
