// A recorded test of ONNX: a model, and the tensors, sequences and optional values that go in and come out.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { decode, decodeModel, MESSAGES, type ModelProto, type TensorProto, type TypeProto, type ValueInfoProto } from '../../core/onnx/index.ts';
import { decoder, type Schema } from '../../core/protobuf/index.ts';
import { sameShape } from '../../core/tensor/tensor.ts';

export const NODE_TESTS = new URL('../../../shared/data/onnx-node-tests/', import.meta.url);
export const present = existsSync(NODE_TESTS);

export type Folder = 'node' | 'pytorch-operator';
export const namesOf = (folder: Folder): readonly string[] => readdirSync(new URL(`${folder}/`, NODE_TESTS)).sort();

export const FLOAT = 1, UINT16 = 4, STRING = 8, FLOAT16 = 10, BFLOAT16 = 16;

/** A tensor, a sequence of them, or undefined: an optional one that is absent. */
export type Recorded = TensorProto | readonly TensorProto[] | undefined;
export interface Case {
  readonly bytes: Uint8Array;
  readonly model: ModelProto;
  readonly inputs: readonly Recorded[];
  readonly outputs: readonly Recorded[];
}

/** Old files list their weights as inputs, too. */
export function inputsOf({ graph = {} }: ModelProto): readonly ValueInfoProto[] {
  const weights = new Set((graph.initializer ?? []).map((t) => t.name));
  return (graph.input ?? []).filter((info) => !weights.has(info.name));
}

/** onnx-data.proto, as far as the tests use it. */
const RECORDED = {
  ...MESSAGES,
  SequenceProto: { name: [1, 'string'], elemType: [2, 'int32'], tensorValues: [3, 'TensorProto', 'repeated'] },
  OptionalProto: { name: [1, 'string'], elemType: [2, 'int32'], tensorValue: [3, 'TensorProto'], sequenceValue: [5, 'SequenceProto'] },
} as const satisfies Schema;
const decodeRecorded = decoder(RECORDED, 'ONNX');

function recorded(bytes: Uint8Array, { tensorType, sequenceType, optionalType }: TypeProto): Recorded {
  if (sequenceType) return decodeRecorded('SequenceProto', bytes).tensorValues ?? [];
  if (optionalType) {
    const { tensorValue, sequenceValue } = decodeRecorded('OptionalProto', bytes);
    return sequenceValue ? sequenceValue.tensorValues ?? [] : tensorValue;
  }
  const proto = decode('TensorProto', bytes);
  // bfloat16 is recorded as the 16 bits that it is.
  return tensorType?.elemType === BFLOAT16 && proto.dataType === UINT16 ? { ...proto, dataType: BFLOAT16 } : proto;
}

export function readCase(folder: Folder, name: string): Case {
  const at = new URL(`${folder}/${name}/`, NODE_TESTS);
  const bytes = new Uint8Array(readFileSync(new URL('model.onnx', at)));
  const model = decodeModel(bytes);
  const data = (kind: string) => ({ type = {} }: ValueInfoProto, i: number): Recorded => recorded(new Uint8Array(readFileSync(new URL(`test_data_set_0/${kind}_${i}.pb`, at))), type);
  return { bytes, model, inputs: inputsOf(model).map(data('input')), outputs: (model.graph?.output ?? []).map(data('output')) };
}

export const isSequence = (value: Recorded): value is readonly TensorProto[] => Array.isArray(value);
export const isTensor = (value: Recorded): value is TensorProto => value !== undefined && !isSequence(value);

/** Each of a sequence's tensors has its own name: x[0], x[1] ... */
export const tensorsOf = (name: string, value: Recorded): readonly (readonly [string, TensorProto])[] =>
  (isSequence(value) ? value.map((proto, i) => [`${name}[${i}]`, proto] as const) : value === undefined ? [] : [[name, value] as const]);

/** What the user of the model would say of its doors: shapes that the file leaves open, how long sequences are, which optional inputs there are. */
export function doorsOf({ model, inputs, outputs }: Case): { readonly inputShapes: Readonly<Record<string, readonly number[]>>; readonly outputNames?: readonly string[] } {
  const open = ({ type }: ValueInfoProto): boolean => !type?.tensorType?.shape || (type.tensorType.shape.dim ?? []).some((d) => d.dimValue === undefined);
  const shapes = inputsOf(model).flatMap((info, i) => {
    const { name = '' } = info;
    const value = inputs[i];
    if (isSequence(value) && value.length === 0) return [[name, [0]] as const];
    const given = tensorsOf(name, value).map(([key, { dims = [] }]) => [key, dims] as const);
    return open(info) ? given.filter(([, dims]) => !dims.includes(0)) : [];
  });
  const unlike = outputs.some((value) => isSequence(value) && !canStack(value));
  const named = (model.graph?.output ?? []).flatMap(({ name = '' }, i) => {
    const value = outputs[i];
    return isSequence(value) ? [...value.map((_, k) => `${name}[${k}]`), `${name}.length`] : [name];
  });
  return { inputShapes: Object.fromEntries(shapes), ...(unlike ? { outputNames: named } : {}) };
}

const canStack = ([first, ...rest]: readonly TensorProto[]): boolean => first !== undefined && rest.every(({ dims = [] }) => sameShape(dims, first.dims ?? []));
