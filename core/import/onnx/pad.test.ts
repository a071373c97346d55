// Every form of Pad and Expand: imported with these operators, it computes what ONNX Runtime computes on the file.
import { describe, expect, it } from 'vitest';
import { checkForm, type Form } from '../../../test/onnx-form.ts';
import { bytesOf, int64, node, ramp } from '../../../test/small-onnx.ts';
import { float32, type Tensor } from '../../tensor/tensor.ts';
import { importModel } from '../index.ts';

const check = checkForm(1e-6);
const pad = (name: string, pads: readonly number[], output: readonly number[], ops: readonly string[], more: { mode?: string; value?: number; opset?: number } = {}): Form => {
  const constants: Record<string, Tensor> = { pads: int64(...pads), ...(more.value === undefined ? {} : { value: float32([], [more.value]) }) };
  return { name, input: [1, 3, 4], output, ops, constants, opset: more.opset ?? 13, nodes: [node('Pad', ['x', ...Object.keys(constants)], ['y'], more.mode === undefined ? {} : { mode: more.mode })] };
};

describe('Pad', () => {
  it.each([
    pad('zeros', [0, 1, 0, 0, 0, 2], [1, 4, 6], ['pad']),
    pad('another number along two dimensions', [0, 1, 0, 0, 0, 2], [1, 4, 6], ['concat', 'concat'], { value: -1.5 }),
    pad('less than nothing', [0, -1, 0, 0, 0, -2], [1, 2, 2], ['slice']),
    pad('more here and less there', [0, -1, 1, 0, 2, -1], [1, 4, 4], ['slice', 'pad']),
    pad('reflect', [0, 2, 0, 0, 1, 3], [1, 6, 7], ['gather', 'gather'], { mode: 'reflect' }),
    pad('edge', [0, 0, 2, 0, 0, 1], [1, 3, 7], ['gather'], { mode: 'edge' }),
    pad('wrap', [0, 0, 2, 0, 0, 1], [1, 3, 7], ['gather'], { mode: 'wrap', opset: 19 }),
  ])('$name', check);

  it('stays channels-last around an image', async () => {
    const form = (attributes: Parameters<typeof node>[3], constants: Record<string, Tensor>, ops: readonly string[]): Form => ({
      name: 'image', input: [1, 2, 4, 5], output: [1, 3, 6, 6], constants: { w: ramp(3, 2, 1, 1), pads: int64(0, 0, 1, 0, 0, 0, 1, 1), ...constants }, ops: ['conv2d', ...ops],
      nodes: [node('Conv', ['x', 'w'], ['c']), node('Pad', ['c', 'pads', ...Object.keys(constants)], ['y'], attributes)],
    });
    await check(form({ mode: 'reflect' }, {}, ['gather', 'gather']));
    await check(form({}, { value: float32([], [0.25]) }, ['concat', 'concat']));
  });

  it('amounts that are absurd are refused before memory is taken', () => {
    for (const mode of ['edge', 'constant']) {
      const bytes = bytesOf({ input: [1, 4], output: [1, 5], constants: { pads: int64(0, 2 ** 40, 0, 0), value: float32([], [1]) }, nodes: [node('Pad', ['x', 'pads', 'value'], ['y'], { mode })] });
      expect(() => importModel(bytes, 'small.onnx')).toThrow(/importing would compute|too large|not possible/);
    }
  });
});

describe('Expand', () => {
  const expand = (input: readonly number[], shape: readonly number[], output: readonly number[], ops: readonly string[]): Form =>
    ({ name: `[${input.join()}] by [${shape.join()}]`, input, output, ops, constants: { shape: int64(...shape) }, nodes: [node('Expand', ['x', 'shape'], ['y'])] });
  it.each([
    expand([1, 3, 1], [2, 1, 4], [2, 3, 4], ['broadcast_to']),
    expand([1, 3], [2, 1, 1], [2, 1, 3], ['broadcast_to']),
    expand([1, 1, 4], [3, 1], [1, 3, 4], ['broadcast_to']),
  ])('$name', check);
});
