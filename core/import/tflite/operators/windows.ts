// Convolutions, pools and means: images under a window.
import { transpose } from '../../../tensor/tensor.ts';
import { activation, axisOf, clampAfter, type Row, type TfliteOperator } from '../operator.ts';
import { CONV, type DEPTHWISE, INT32_BIAS, PADDING_SAME, POOL, TRANSPOSE_CONV } from '../schema.ts';

/** Padding as TFLite computes it: SAME puts the odd row or column at the end. */
function padding(size: number, kernel: number, stride: number, dilation: number, same: boolean): readonly [number, number] {
  if (!same) return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}
function pads(x: readonly number[], kernel: readonly number[], strides: readonly number[], dilations: readonly number[], same: boolean): readonly number[] {
  const [top, bottom] = padding(x[1] ?? 1, kernel[0] ?? 1, strides[0] ?? 1, dilations[0] ?? 1, same);
  const [left, right] = padding(x[2] ?? 1, kernel[1] ?? 1, strides[1] ?? 1, dilations[1] ?? 1, same);
  return [top, left, bottom, right];
}

/** Beside int16 TensorFlow Lite goes by what the options say of the bias, also where there is none: sums are int64 unless they say int32. */
function checkBias(o: TfliteOperator, x: string, bias: string, slot: number): void {
  if (o.storedType(x) !== 'int16') return;
  const said = (o.options?.int8(slot) ?? 0) === INT32_BIAS ? 'int32' : 'int64';
  const given = o.storedType(bias) ?? 'int64';
  if (said !== given) throw o.fail(`its options say that a bias is ${said}, but it has ${bias === '' ? 'none' : `one of ${given}`}`);
}

export const convolution = (slots: typeof CONV | typeof DEPTHWISE, depthwise: boolean): Row => (o) => {
  const [x = '', w = '', b = ''] = o.inputs;
  const given = o.constantOf(w);
  if (!given || given.shape.length !== 4 || o.constantOf(x)) throw o.fail('its weights are not constant, or its image is');
  if (!depthwise) checkBias(o, x, b, CONV.biasType);
  const same = (o.options?.int8(slots.padding) ?? 0) === PADDING_SAME;
  const strides = [o.options?.int32(slots.strideH) ?? 1, o.options?.int32(slots.strideW) ?? 1];
  const dilations = [o.options?.int32(slots.dilationH, 1) ?? 1, o.options?.int32(slots.dilationW, 1) ?? 1];
  // Depthwise weights come as [1, kh, kw, out]; the graph has [out, kh, kw, 1].
  const weights = depthwise ? o.constant(`${w}/depthwise`, transpose(given, [3, 1, 2, 0]), w) : w;
  const [, kernelH = 1, kernelW = 1, perGroup = 1] = o.shapeOf(weights);
  const channels = o.shapeOf(x)[3] ?? 1;
  o.node('conv2d', [x, weights, ...(b === '' ? [] : [b])], {
    strides, dilations, groups: depthwise ? channels : channels / perGroup, activation: activation(o, slots.activation),
    pads: pads(o.shapeOf(x), [kernelH, kernelW], strides, dilations, same),
    ...(o.isHybrid(w) ? { hybrid: true } : {}),
  });
};

export const pool = (op: 'max_pool2d' | 'avg_pool2d'): Row => (o) => {
  const [x = ''] = o.inputs;
  if (o.shapeOf(x).length !== 4) throw o.fail(`${o.shapeOf(x).length} dimensions are no images`);
  const kernel = [o.options?.int32(POOL.filterH) ?? 1, o.options?.int32(POOL.filterW) ?? 1];
  const strides = [o.options?.int32(POOL.strideH) ?? 1, o.options?.int32(POOL.strideW) ?? 1];
  const same = (o.options?.int8(POOL.padding) ?? 0) === PADDING_SAME;
  const attrs = { kernel, strides, pads: pads(o.shapeOf(x), kernel, strides, [1, 1], same), ...(op === 'avg_pool2d' ? { countIncludePad: false } : {}) };
  clampAfter(o, activation(o, POOL.activation), (output) => o.node(op, [x], attrs, output));
};

/** A mean or sum over any dimensions; a mean over height and width is a global average pool. */
export const reduction = (op: 'mean' | 'sum'): Row => (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axes = [...new Set(o.integers(1).map((a) => axisOf(o, a, shape.length)))].sort((a, b) => a - b);
  const keepDims = o.options?.bool(0) ?? false;
  if (op === 'sum' || shape.length !== 4 || axes.join() !== '1,2') { o.node(op, [x], { axes, keepDims }); return; }
  if (keepDims) o.node('global_avg_pool2d', [x], {});
  else {
    const pooled = o.node('global_avg_pool2d', [x], {}, `${o.output}/pooled`);
    o.storedAs(pooled, o.output);
    o.node('reshape', [pooled], { shape: [shape[0] ?? 1, shape[3] ?? 1] });
  }
};

/** The largest or smallest over any dimensions; runs in float. */
export const extreme = (type: 'ReduceMax' | 'ReduceMin'): Row => (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axes = [...new Set(o.integers(1).map((a) => axisOf(o, a, shape.length)))].sort((a, b) => a - b);
  const keep = o.options?.bool(0) ?? false;
  const kept = shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d]));
  o.node('opaque', [x], { type, domain: '', opset: 17, attributes: { axes, keepdims: { int: keep ? 1 : 0 } }, shape: kept });
};

/** ArgMaxOptions.output_type: the codes of TensorType that it may name, and ONNX's for the same. */
const POSITION_TYPES: Readonly<Record<number, { readonly dtype: 'int32' | 'int64'; readonly to: number }>> = { 2: { dtype: 'int32', to: 6 }, 4: { dtype: 'int64', to: 7 } };
/** Positions are real numbers in the graph, and become the file's integers on the APU. */
export const argument = (op: 'arg_max' | 'arg_min'): Row => (o) => {
  const [x = ''] = o.inputs;
  const [axis = 0] = o.integers(1);
  const type = POSITION_TYPES[o.options?.int8(0) ?? 0];
  if (!type) throw o.fail('its positions are of no known type');
  const made = o.node(op, [x], { axis: axisOf(o, axis, o.shapeOf(x).length), keepDims: false, last: false }, `${o.output}/position`);
  o.node('opaque', [made], { type: 'Cast', domain: '', opset: 13, attributes: { to: { int: type.to } }, shape: o.shapeOf(made) }, o.output, type.dtype);
};

/** The output's size is the first input; the padding is what a convolution from that size back to the input's would have. */
export const transposeConvolution: Row = (o) => {
  const [, w = '', x = '', b = ''] = o.inputs;
  const size = o.integers(0).slice(1, 3);
  const weights = o.constantOf(w);
  if (weights?.shape.length !== 4 || o.constantOf(x)) throw o.fail('its weights are not constant, or its image is');
  checkBias(o, x, b, TRANSPOSE_CONV.biasType);
  const same = (o.options?.int8(TRANSPOSE_CONV.padding) ?? 0) === PADDING_SAME;
  const strides = [o.options?.int32(TRANSPOSE_CONV.strideH) ?? 1, o.options?.int32(TRANSPOSE_CONV.strideW) ?? 1];
  const kernel = weights.shape.slice(1, 3);
  const image = o.shapeOf(x).slice(1, 3);
  const before = [0, 1].map((d) => {
    const needed = ((image[d] ?? 1) - 1) * (strides[d] ?? 1) + (kernel[d] ?? 1) - (size[d] ?? 1);
    return same ? Math.floor(Math.max(0, needed) / 2) : 0;
  });
  const rest = [0, 1].map((d) => ((image[d] ?? 1) - 1) * (strides[d] ?? 1) + (kernel[d] ?? 1) - (before[d] ?? 0) - (size[d] ?? 1));
  o.node('conv_transpose2d', [x, w, ...(b === '' ? [] : [b])], {
    strides, dilations: [1, 1], groups: 1, activation: activation(o, TRANSPOSE_CONV.activation),
    pads: [...before, ...rest.map((r) => Math.max(0, r))], outputPadding: rest.map((r) => Math.max(0, -r)),
  });
};
