// Operators for whose whole numbers ONNX Runtime has no kernel compute in a wider type, between casts: the numbers stay the same.
import { ATTRIBUTE_TYPE, elemTypeOf, type NodeProto } from '../../onnx/index.ts';
import type { DType } from '../../tensor/tensor.ts';
import type { OnnxOperator } from './operator.ts';

type Wider = Readonly<Partial<Record<string, DType>>>;
const SMALL: Wider = { int16: 'int32', uint16: 'int32' };
/** Operator -> type -> the type that has a kernel. As of ONNX Runtime 1.30. */
const WIDER: ReadonlyMap<string, Wider> = new Map<string, Wider>([
  ['BitShift', { uint16: 'uint32' }], ['Max', SMALL], ['Min', SMALL], ['Where', { ...SMALL, int8: 'int32', uint32: 'int64' }],
]);

/** The operator between casts; undefined where it needs none. */
export function widened(o: OnnxOperator): readonly NodeProto[] | undefined {
  const wider = WIDER.get(o.type);
  if (!wider) return undefined;
  const { proto, source } = o;
  const dtypes = Array.from({ length: o.inputCount }, (_, i) => { const entry = o.input(i); return entry?.kind === 'value' ? entry.dtype : entry?.tensor.dtype; });
  const narrow = dtypes.find((dtype) => dtype !== undefined && wider[dtype] !== undefined);
  const wide = narrow && wider[narrow];
  if (!narrow || narrow === 'string' || !wide) return undefined;
  const cast = (from: string, into: string, to: DType): NodeProto =>
    ({ name: source.name, opType: 'Cast', input: [from], output: [into], attribute: [{ name: 'to', type: ATTRIBUTE_TYPE.int, i: elemTypeOf(to) }] });
  const inner = (i: number): string => `${o.output}/input ${i} as ${wide}`;
  const result = `${o.output}/${wide}`;
  return [
    ...(proto.input ?? []).flatMap((name, i) => (dtypes[i] === narrow ? [cast(name, inner(i), wide)] : [])),
    { ...proto, input: (proto.input ?? []).map((name, i) => (dtypes[i] === narrow ? inner(i) : name)), output: [result] },
    cast(result, o.output, narrow),
  ];
}
