// The table of operators. Adding one = a file beside this, a line here, and one in each importer's table.
import * as v from 'valibot';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { add, sub } from './add.ts';
import { argMax, argMin } from './arg.ts';
import { batchMatmul } from './batch-matmul.ts';
import { batchNorm } from './batch-norm.ts';
import { broadcastTo } from './broadcast-to.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { convTranspose2d } from './conv-transpose2d.ts';
import { dequantize, quantize, requantize } from './conversion.ts';
import { fullyConnected } from './fully-connected.ts';
import { gather } from './gather.ts';
import { island } from './island.ts';
import { layerNorm } from './layer-norm.ts';
import { lrn } from './lrn.ts';
import { pad, reshape, slice, transpose } from './movement.ts';
import { mul } from './mul.ts';
import { opaque } from './opaque.ts';
import { placeOf } from './node-view.ts';
import type { Operator } from './operator.ts';
import { avgPool2d, globalAvgPool2d, maxPool2d } from './pool.ts';
import { prelu } from './prelu.ts';
import { mean, sum } from './reduce.ts';
import { clip, relu } from './relu.ts';
import { resizeBilinear, resizeNearest } from './resize.ts';
import { softmax } from './softmax.ts';
import { TFLITE_TWINS, tfliteQuantize, tfliteRequantize } from './tflite/index.ts';
import { udf } from './udf.ts';

const TABLE: ReadonlyMap<string, Operator> = new Map([
  conv2d, convTranspose2d, fullyConnected, batchMatmul, add, sub, mul, maxPool2d, avgPool2d, globalAvgPool2d, mean, sum, resizeNearest, resizeBilinear, relu, clip, prelu, batchNorm,
  reshape, transpose, slice, gather, broadcastTo, pad, concat, softmax, layerNorm, lrn, argMax, argMin, udf, opaque, island, quantize, dequantize, requantize,
].map((operator) => [operator.name, operator]));
/** TensorFlow Lite's own arithmetic: integer operators of models that arrived quantized, without a float form. */
const TWINS: ReadonlyMap<string, Operator> = new Map([...Object.values(TFLITE_TWINS).map((twin) => twin.operator), tfliteQuantize, tfliteRequantize].map((operator) => [operator.name, operator]));

export const OPERATOR_NAMES: readonly string[] = [...TABLE.keys()];

/** The definition of an operator. Raises OPERATOR_UNSUPPORTED for a name that is not in the table. */
export function operator(name: string, where: ErrorPlace = {}): Operator {
  const found = TABLE.get(name) ?? TWINS.get(name);
  if (!found) throw new RequantError('OPERATOR_UNSUPPORTED', `there is no operator ${name}`, where);
  return found;
}

/** The definition of a node's operator. Raises OPERATOR_UNSUPPORTED. */
export const operatorOf = (node: { readonly op: string; readonly outputs: readonly string[] }): Operator => operator(node.op, placeOf(node));

/** Attributes checked by the operator's schema. Raises MODEL_INVALID naming the attribute. */
export function checkAttributes(op: Operator, attrs: unknown, where: ErrorPlace): void {
  const parsed = v.safeParse(op.attributes, attrs);
  if (parsed.success) return;
  const [issue] = parsed.issues;
  throw new RequantError('MODEL_INVALID', `attribute ${v.getDotPath(issue) ?? '?'} of ${op.name}: ${issue.message}`, where);
}

export type * from './operator.ts';
export { nodeView } from './node-view.ts';
export { isByte, LIFT, liftedConstant, requantized } from './integer.ts';
export { SUM_ORDERS } from './integer-add.ts';
export { floatFormOf, floatView } from './operator.ts';
export * from './arithmetic.ts';
export { activationOf, boundsOf, intersect, type Activation, type Bounds } from './activation.ts';
export { broadcastIndex, broadcastShape } from './broadcast.ts';
export { ELEMENTWISE_FUNCTIONS, elementwiseFunction, type FunctionName } from './functions.ts';
export { geometry as convolutionGeometry, integerAttributes as convolutionAttributes } from './conv2d.ts';
export { geometry as transposedGeometry, integerAttributes as transposedAttributes } from './conv-transpose2d.ts';
export { geometry as matmulGeometry } from './batch-matmul.ts';
export { neighbours, resizeRule, WEIGHT_ONE, wholePart } from './resize.ts';
export { placeOf } from './lrn.ts';
export { dequantizeTensor, quantizeTensor, requantizeAttributes } from './conversion.ts';
export { tfliteLacks, tfliteRequantizeAttributes, tfliteTwin, type ArrivedOperand, type TfliteTwin } from './tflite/index.ts';
export { reducedMultiplier, scaled } from './tflite/fixed-point.ts';
export { placesOf } from './tflite/resize.ts';
export { powerBelow } from './tflite/softmax.ts';
export { RECIPROCAL, widePowerBelow } from './tflite/softmax-wide.ts';
