// An operator without a row, or in a form that its row does not know: it stays as it is and runs in float.
import { RequantError } from '../../../errors/index.ts';
import type { OnnxAttribute } from '../../../ops/index.ts';
import { ATTRIBUTE_TYPE, changedIn, dtypeOf, tensorFromProto, type AttributeProto } from '../../../onnx/index.ts';
import type { DType, ElementType } from '../../../tensor/tensor.ts';
import { checkShape, type FileValue } from '../build.ts';
import type { OnnxOperator } from '../operator.ts';
import { OPAQUE_SHAPES } from './opaque-shapes.ts';

const CONTROL_FLOW: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** The graph is run with at least this opset, so that an older form would be misread. */
const RUN_OPSET = 17;

/** Raises OPERATOR_UNSUPPORTED for control flow, foreign domains, or an output whose shape cannot be known. */
export function opaque(o: OnnxOperator): void {
  const domain = o.proto.domain ?? '';
  if (domain !== '' && domain !== 'ai.onnx') throw o.fail(`it belongs to ${domain}, not to ONNX itself`);
  if (CONTROL_FLOW.has(o.type)) throw o.fail('control flow is not supported');
  if ((o.proto.attribute ?? []).some((a) => a.g || (a.graphs ?? []).length > 0)) throw o.fail('graphs inside operators are not supported');
  const changed = changedIn(o.type, o.opset, RUN_OPSET);
  if (changed !== undefined) throw o.fail(`it changed its meaning in opset ${changed}, and the file uses ${o.opset}`);
  const inputs = (o.proto.input ?? []).map((name, i) => {
    const entry = o.input(i);
    if (!entry) return '';
    return entry.kind === 'constant' ? o.build.constant(name, entry.tensor) : o.build.asFile(entry, o.source);
  });
  const attributes = Object.fromEntries((o.proto.attribute ?? []).map((a) => [a.name ?? '', plain(o, a)]));
  const attrs = { type: o.type, domain, opset: o.opset, attributes };
  const named = o.proto.output ?? [];
  const outs: readonly (FileValue & { readonly at: number })[] = [...(o.output === '' ? [] : [{ name: o.output, at: 0, ...resultOf(o) }]), ...furtherOutputs(o)];
  const [first, ...rest] = outs;
  if (!first) throw o.fail('the file does not tell the type of its output');
  for (const { name, shape } of outs) checkShape(shape, { file: o.build.file, tensor: name });
  const among = named.length > 1 ? { among: { at: first.at, of: named.length } } : {};
  const further = rest.length > 0 ? { further: rest.map(({ at, shape }) => ({ at, shape })) } : {};
  o.build.several('opaque', inputs, { ...attrs, shape: first.shape, ...among, ...further }, outs, o.source)
    .forEach((entry, i) => { o.build.entries.set(outs[i]?.name ?? '', entry); });
}

/** Outputs behind the first one whose type the file tells. */
function furtherOutputs(o: OnnxOperator): readonly (FileValue & { readonly at: number })[] {
  // Its further outputs belong to training.
  if (o.type === 'BatchNormalization') return [];
  if ((o.proto.output ?? []).length > 16) throw o.fail('it has more than 16 outputs');
  const further = (o.proto.output ?? []).flatMap((name, at) => {
    const declared = o.build.declared.get(name);
    if (at === 0 || name === '' || !declared) return [];
    if (o.build.entries.has(name)) throw new RequantError('MODEL_INVALID', 'two operators produce it', { file: o.build.file, node: o.source.name, tensor: name });
    return [{ name, at, shape: declared.shape, dtype: single(o, dtypeOf(declared.elemType)) }];
  });
  if (further.length > 0 && o.type === 'Dropout' && o.input(2)) throw o.fail('it is in training mode');
  return further;
}

/** Shape and type of the output: by the operator's rule, else as the file declares. */
function resultOf(o: OnnxOperator): { readonly shape: readonly number[]; readonly dtype: DType } {
  const declared = o.build.declared.get(o.output);
  const ruled = OPAQUE_SHAPES.get(o.type)?.(o);
  const shape = ruled?.shape ?? declared?.shape;
  if (!shape) throw o.fail('this operator is not known, and the file does not tell the shape of its output');
  if (o.type === 'Cast') return { shape, dtype: single(o, dtypeOf(o.int('to', 0))) };
  if (ruled?.dtype) return { shape, dtype: ruled.dtype };
  if (declared) return { shape, dtype: single(o, dtypeOf(declared.elemType)) };
  const first = o.input(0);
  if (!ruled || !first) throw o.fail('the file does not tell the type of its output');
  return { shape, dtype: single(o, first.kind === 'value' ? first.dtype : first.tensor.dtype) };
}

/** float64 computes as float32 here. */
function single(o: OnnxOperator, dtype: ElementType | undefined): DType {
  if (!dtype || dtype === 'string') throw o.fail('its output has a type that is not supported');
  return dtype === 'float64' ? 'float32' : dtype;
}

const FLOAT = 1;
const NARROWED: ReadonlySet<number> = new Set([10, 11, 16]);

function plain(o: OnnxOperator, a: AttributeProto): OnnxAttribute {
  if ((a.name === 'to' || a.name === 'dtype') && NARROWED.has(a.i ?? 0)) return { int: FLOAT };
  switch (a.type) {
    case ATTRIBUTE_TYPE.int: return { int: a.i ?? 0 };
    case ATTRIBUTE_TYPE.float: return { float: a.f ?? 0 };
    case ATTRIBUTE_TYPE.string: return new TextDecoder().decode(a.s ?? new Uint8Array(0));
    case ATTRIBUTE_TYPE.ints: return a.ints ?? [];
    case ATTRIBUTE_TYPE.tensor: return { tensor: tensorFromProto(a.t ?? {}, { file: o.build.file, node: o.source.name }) };
    default: throw o.fail(`its attribute ${a.name ?? ''} is of a kind that is not supported`);
  }
}
