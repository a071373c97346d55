// A group of operators of the file as one node of the graph: they go into a small ONNX model, which becomes the node's last input.
import { RequantError } from '../../errors/index.ts';
import { checkSelfContained, dtypeOf, elementTypeOf, elemTypeOf, encodeModel, tensorToProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkShape, type FileValue, type GraphBuild } from './build.ts';
import type { Group } from './groups.ts';
import { narrowFunction, narrowNode, narrowType } from './narrow.ts';

/** Since version 4 of the format initializers need not be listed as inputs. */
const LEAST_IR = 4;

export interface OnnxStep {
  readonly proto: NodeProto;
  /** Tensors that it reads, those of its inner graphs included. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What the file says of a tensor: -1 is an open dimension. */
export interface Declared {
  readonly elemType: number;
  readonly shape?: readonly number[];
}

export interface IslandSource {
  readonly model: ModelProto;
  readonly declared: ReadonlyMap<string, Declared>;
  /** Weights of types that no tensor of ours holds; only islands read them. */
  readonly strange: ReadonlyMap<string, TensorProto>;
}

/** Of one size: what may pass to the graph around an island. */
export function settled(declared: Declared | undefined): Pick<FileValue, 'shape' | 'dtype'> | undefined {
  const dtype = declared && dtypeOf(narrowType(declared.elemType));
  return dtype && declared.shape?.every((d) => d >= 0) ? { shape: declared.shape, dtype } : undefined;
}

/** Adds the node. Its outputs become entries of `build`. Raises OPERATOR_UNSUPPORTED for an output of a type that no tensor of ours holds. */
export function addIsland(build: GraphBuild, { members, inputs, outputs }: Group<OnnxStep>, from: IslandSource): void {
  const [first] = members;
  const where = { file: build.file, node: first?.proto.name || (first?.outputs[0] ?? '') };
  const types = members.map(({ proto }) => proto.opType ?? '');
  const source = { name: where.node, type: types.length === 1 ? types[0] ?? '' : `${types[0] ?? ''} and ${types.length - 1} more` };
  const read: { readonly name: string; readonly info: ValueInfoProto }[] = [];
  const initializer: TensorProto[] = [];
  for (const name of inputs) {
    const strange = from.strange.get(name);
    const entry = build.entries.get(name);
    if (strange) initializer.push(strange);
    else if (!entry) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { ...where, tensor: name });
    else if (entry.kind === 'constant') initializer.push(tensorToProto(entry.tensor, name));
    else read.push({ name: build.asFile(entry, source), info: infoOf(name, elemTypeOf(entry.dtype), entry.shape) });
  }
  const made = outputs.map((name): FileValue => {
    const declared = from.declared.get(name);
    const dtype = elementTypeOf(narrowType(declared?.elemType ?? 0));
    if (!declared || !dtype) throw new RequantError('OPERATOR_UNSUPPORTED', `${source.type}: its output ${name} has a type that is not supported`, where);
    const shape = declared.shape ?? [-1];
    if (!shape.includes(-1)) checkShape(shape, { file: build.file, tensor: name });
    return { name, shape, dtype };
  });
  const model: ModelProto = {
    irVersion: Math.max(from.model.irVersion ?? 0, LEAST_IR), producerName: 'requant', opsetImport: from.model.opsetImport ?? [],
    functions: (from.model.functions ?? []).map(narrowFunction),
    graph: {
      name: 'island', node: members.map(({ proto }) => narrowNode(proto)), initializer,
      input: read.map(({ info }) => info), output: made.map(({ name, shape, dtype }) => infoOf(name, elemTypeOf(dtype), shape)),
    },
  };
  checkSelfContained(model, where);
  const bytes = encodeModel(model);
  const stored: Tensor<'uint8'> = { dtype: 'uint8', shape: [bytes.length], data: bytes };
  const attrs = { types, shapes: made.map(({ shape }) => shape) };
  const entries = build.several('island', [...read.map(({ name }) => name), build.constant(`${where.node}/operators`, stored)], attrs, made, source);
  outputs.forEach((name, i) => { const entry = entries[i]; if (entry) build.entries.set(name, entry); });
}

const infoOf = (name: string, elemType: number, shape: readonly number[]): ValueInfoProto => ({
  name, type: { tensorType: { elemType, ...(shape.length === 1 && shape[0] === -1 ? {} : { shape: { dim: shape.map((d) => (d === -1 ? {} : { dimValue: d })) } }) } },
});
