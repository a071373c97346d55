// One ONNX node into the graph: a constant where its inputs are known, else what its row in the table says, else opaque. Importers of
// other formats that say their operators in ONNX's words come in here, too.
import { RequantError } from '../../errors/index.ts';
import type { SourceOperator } from '../../ir/index.ts';
import type { NodeProto } from '../../onnx/index.ts';
import { convert, type Tensor } from '../../tensor/tensor.ts';
import { isRows, type GraphBuild } from './build.ts';
import { operatorView, type OnnxOperator } from './operator.ts';
import { opaque } from './operators/opaque.ts';
import { checkOpset6 } from './operators/opset-6.ts';
import { folded } from './operators/shape-arithmetic.ts';
import { ONNX_OPERATORS } from './table.ts';
import { widened } from './wider.ts';

/** Rows that give more than one output, or know which of them they cannot give. */
const SEVERAL_OUTPUTS: ReadonlySet<string> = new Set(['Split']);
/** Rows that take whole numbers, too. Others that compute with them at run time stay opaque. */
const ANY_NUMBERS: ReadonlySet<string> = new Set(['Identity', 'Dropout', 'Cast']);

/** Rows that take [N, C, L] as the image that it became for a convolution over rows, and hand it on as one. Others read the file's order. */
const KEEPS_ROWS: ReadonlySet<string> = new Set([
  'Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'BatchNormalization', 'Resize', 'Upsample', 'Identity', 'Dropout',
  'Relu', 'Clip', 'Sigmoid', 'Tanh', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Erf', 'Softplus', 'Elu', 'HardSigmoid', 'HardSwish', 'Gelu',
]);

/**
 * Its outputs become entries of `build`. `isRead`: does anything need this output? `source`: what the file calls the operator, where it is
 * no ONNX file. Raises OPERATOR_UNSUPPORTED or MODEL_INVALID.
 */
export function importNode(build: GraphBuild, proto: NodeProto, opset: number, isRead: (tensor: string) => boolean, source?: SourceOperator): void {
  const o = operatorView(build, proto, opset, source);
  if (build.entries.has(o.output)) throw new RequantError('MODEL_INVALID', 'two operators produce it', { file: build.file, node: o.source.name, tensor: o.output });
  if (opset === 6) checkOpset6(o);
  const constant = folded(o);
  if (constant) { o.become({ kind: 'constant', tensor: single(constant) }); return; }
  const known = (proto.domain ?? '') === '' || proto.domain === 'ai.onnx';
  const steps = known ? widened(o) : undefined;
  if (steps) { for (const step of steps) importNode(build, step, opset, () => true, source); return; }
  const row = known && Object.hasOwn(ONNX_OPERATORS, o.type) ? ONNX_OPERATORS[o.type] : undefined;
  const second = (proto.output ?? []).slice(1).find(isRead);
  const takes = row && (ANY_NUMBERS.has(o.type) || readsFloats(o)) && !readsNothing(o) && (second === undefined || SEVERAL_OUTPUTS.has(o.type)) ? row : opaque;
  if (!KEEPS_ROWS.has(o.type)) rowsInFileOrder(o);
  takes(o);
  const missing = (proto.output ?? []).find((output) => output !== '' && isRead(output) && !build.entries.has(output));
  if (missing !== undefined) throw o.fail(`its output ${missing} is not supported`);
}

function rowsInFileOrder(o: OnnxOperator): void {
  for (const [i, name] of (o.proto.input ?? []).entries()) {
    const entry = o.input(i);
    if (entry?.kind === 'value' && isRows(entry)) o.build.entries.set(name, { ...entry, name: o.build.asFile(entry, o.source), last: false });
  }
}

/** float64 is narrowed to float32, in which the whole graph computes. */
export const single = (t: Tensor): Tensor => (t.dtype === 'float64' ? convert(t, 'float32') : t);

/** Rows reckon with sizes above 0. */
const readsNothing = (o: OnnxOperator): boolean =>
  Array.from({ length: o.inputCount }, (_, i) => o.input(i)).some((entry) => entry?.kind === 'value' && entry.shape.includes(0));

const readsFloats = (o: OnnxOperator): boolean =>
  Array.from({ length: o.inputCount }, (_, i) => o.input(i)).every((entry) => entry?.kind !== 'value' || entry.dtype === 'float32');
