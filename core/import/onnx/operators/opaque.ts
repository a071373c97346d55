// An operator without a row, or in a form that its row does not know: it stays as it is and runs in float.
import type { OnnxAttribute } from '../../../ops/index.ts';
import { ATTRIBUTE_TYPE, dtypeOf, tensorFromProto, type AttributeProto } from '../../../onnx/index.ts';
import type { OnnxOperator } from '../operator.ts';

const CONTROL_FLOW: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** Raises OPERATOR_UNSUPPORTED for control flow, several outputs, or an output whose shape the file does not tell. */
export function opaque(o: OnnxOperator): void {
  if (CONTROL_FLOW.has(o.type)) throw o.fail('control flow is not supported');
  if (o.outputCount !== 1) throw o.fail('it has several outputs');
  const info = o.build.declared.get(o.output);
  if (!info) throw o.fail('it has no integer form, and the file does not tell its shape');
  const inputs = (o.proto.input ?? []).map((name, i) => {
    const entry = o.input(i);
    if (!entry) return '';
    return entry.kind === 'constant' ? o.build.constant(name, entry.tensor) : o.build.asFile(entry, o.source);
  });
  const attributes = Object.fromEntries((o.proto.attribute ?? []).map((a) => [a.name ?? '', plain(o, a)]));
  const dtype = dtypeOf(info.elemType);
  if (!dtype) throw o.fail(`its output has a type that is not supported`);
  o.emit('opaque', inputs, { type: o.type, domain: o.proto.domain ?? '', opset: o.opset, attributes, shape: info.shape }, info.shape, false, dtype);
}

function plain(o: OnnxOperator, a: AttributeProto): OnnxAttribute {
  switch (a.type) {
    case ATTRIBUTE_TYPE.int: return { int: a.i ?? 0 };
    case ATTRIBUTE_TYPE.float: return { float: a.f ?? 0 };
    case ATTRIBUTE_TYPE.string: return new TextDecoder().decode(a.s ?? new Uint8Array(0));
    case ATTRIBUTE_TYPE.ints: return a.ints ?? [];
    case ATTRIBUTE_TYPE.tensor: return { tensor: tensorFromProto(a.t ?? {}, { file: o.build.file, node: o.source.name }) };
    default: throw o.fail(`its attribute ${a.name ?? ''} is of a kind that is not supported`);
  }
}
