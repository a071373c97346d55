// What a row of the operator table sees of one ONNX node.
import { RequantError } from '../../errors/index.ts';
import type { SourceOperator } from '../../ir/index.ts';
import { tensorFromProto, type AttributeProto, type NodeProto } from '../../onnx/index.ts';
import { numbersOf, type DType, type Tensor } from '../../tensor/tensor.ts';
import { checkShape, type Entry, type GraphBuild, type ValueEntry } from './build.ts';

export interface OnnxOperator {
  readonly type: string;
  readonly opset: number;
  readonly build: GraphBuild;
  readonly source: SourceOperator;
  /** Name of the first output. */
  readonly output: string;
  readonly outputCount: number;
  readonly inputCount: number;
  readonly proto: NodeProto;
  input(i: number): Entry | undefined;
  /** The input as a value; raises OPERATOR_UNSUPPORTED where it is constant or absent. */
  value(i: number): ValueEntry;
  tensor(i: number): Tensor | undefined;
  /** The constant's numbers. Raises OPERATOR_UNSUPPORTED where the input is computed. */
  numbers(i: number): readonly number[] | undefined;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  ints(name: string): readonly number[] | undefined;
  text(name: string, otherwise: string): string;
  attribute(name: string): AttributeProto | undefined;
  /** Adds the node that makes the output. `shape` in file order. */
  emit(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, shape: readonly number[], last: boolean, dtype?: DType): void;
  /** The output is another name of `entry`, or a constant. */
  become(entry: Entry): void;
  fail(message: string): RequantError;
}

export type Row = (o: OnnxOperator) => void;

export function operatorView(build: GraphBuild, proto: NodeProto, opset: number, origin?: SourceOperator): OnnxOperator {
  const type = proto.opType ?? '';
  const [output = ''] = proto.output ?? [];
  const source = origin ?? { name: proto.name || output, type };
  const attributes = new Map((proto.attribute ?? []).map((a) => [a.name ?? '', a]));
  const inputs = proto.input ?? [];
  const fail = (message: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `${source.type}: ${message}`, { file: build.file, node: source.name });
  const o: OnnxOperator = {
    type, opset, build, source, output, proto, fail,
    outputCount: (proto.output ?? []).filter((name) => name !== '').length,
    inputCount: inputs.length,
    input: (i) => {
      const name = inputs[i];
      if (name === undefined || name === '') return undefined;
      const entry = build.entries.get(name);
      if (!entry) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { file: build.file, node: source.name, tensor: name });
      return entry;
    },
    value: (i) => {
      const entry = o.input(i);
      if (entry?.kind !== 'value') throw fail(entry ? `its input ${i} is constant` : `it lacks input ${i}`);
      return entry;
    },
    tensor: (i) => { const entry = o.input(i); return entry?.kind === 'constant' ? entry.tensor : undefined; },
    numbers: (i) => {
      const entry = o.input(i);
      if (entry?.kind === 'value') throw fail(`its input ${i} is computed while the network runs`);
      return entry && numbersOf(entry.tensor);
    },
    attribute: (name) => attributes.get(name),
    int: (name, otherwise) => attributes.get(name)?.i ?? (attributes.has(name) ? 0 : otherwise),
    float: (name, otherwise) => attributes.get(name)?.f ?? (attributes.has(name) ? 0 : otherwise),
    ints: (name) => { const a = attributes.get(name); return a && (a.ints ?? []); },
    text: (name, otherwise) => { const s = attributes.get(name)?.s; return s ? new TextDecoder().decode(s) : otherwise; },
    emit: (op, from, attrs, shape, last, dtype = 'float32') => {
      checkShape(shape, { file: build.file, tensor: output });
      o.become(build.add(op, from, attrs, { name: output, shape, last, dtype }, source));
    },
    become: (entry) => { build.entries.set(output, entry); },
  };
  return o;
}

/** The tensor of an attribute. */
export const attributeTensor = (o: OnnxOperator, name: string): Tensor | undefined => {
  const proto = o.attribute(name)?.t;
  return proto && tensorFromProto(proto, { file: o.build.file, node: o.source.name });
};
/** An axis counted from the front. Raises MODEL_INVALID outside the rank. */
export function normalAxis(axis: number, rank: number, o: OnnxOperator): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank) throw new RequantError('MODEL_INVALID', `${o.type}: axis ${axis} is outside ${rank} dimensions`, { file: o.build.file, node: o.source.name });
  return normal;
}
