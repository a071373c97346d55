// ONNX bytes -> Graph: operators of opset 6 and up, the rest as islands; what the file leaves open is settled by the options, an open batch is 1. Channels-first becomes channels-last at the doors.
import { RequantError } from '../../errors/index.ts';
import type { Graph, Port } from '../../ir/index.ts';
import { decodeModel, dtypeOf, elementTypeOf, tensorFromProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../onnx/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { executionOrder } from '../order.ts';
import { checkOptions, settleInput, type DeclaredDimension, type DeclaredInput, type ImportOptions } from '../shapes.ts';
import { startBuild, type GraphBuild } from './build.ts';
import { externalData, loadedWithin, type ExternalData } from './external.ts';
import { readsOf } from './captured.ts';
import { inputPort, outputPort } from './doors.ts';
import type { IslandSource, OnnxStep } from './island.ts';
import { single } from './node.ts';
import { plainDoors, sequencesOfAnyLength } from './plain-doors.ts';
import { importSteps, type Attempt } from './steps.ts';

/** Older sets have other forms of most operators: they stay ONNX. Newer sets than the newest may have changed what operators mean. */
const OLDEST_OPSET = 6;
const NEWEST_OPSET = 26;
/** Identity of 13 copies every type that we have. */
const COPY_OPSET = 13;
/** Operators that read images: an input that one of them reads is converted at the door. */
const IMAGE_READERS: ReadonlySet<string> = new Set(['Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'BatchNormalization', 'Resize', 'Upsample', 'ConvTranspose', 'LRN', 'InstanceNormalization']);
/** Operators that an image passes on its way to one of those. */
const KEEPS_IMAGE: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Identity', 'Pad', 'Cast', 'Sigmoid', 'HardSwish', 'Tanh', 'Slice', 'Split', 'Concat']);

/** Raises FORMAT_CORRUPT, FORMAT_UNSUPPORTED, MODEL_INVALID, SHAPE_UNKNOWN or OPERATOR_UNSUPPORTED, naming operator or tensor. */
export function importOnnx(bytes: Uint8Array, name: string, options: ImportOptions = {}, folder?: string): Graph {
  const external = externalData(folder);
  try { return importDecoded(decodeModel(bytes), { name, size: bytes.length }, options, external); } finally { external.close(); }
}

function importDecoded(model: ModelProto, { name, size }: { readonly name: string; readonly size: number }, given: ImportOptions, external: ExternalData): Graph {
  const whole = model.graph;
  if (!whole || (whole.node ?? []).length === 0) throw new RequantError('FORMAT_CORRUPT', 'the file holds no graph; it may be no ONNX model', { file: name });
  const opset = (model.opsetImport ?? []).find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
  if (opset > NEWEST_OPSET) {
    throw new RequantError('FORMAT_UNSUPPORTED', `opset ${opset} is not read`, { file: name }, { hint: `Export the model with an opset of at most ${NEWEST_OPSET}.` });
  }
  if ((whole.sparseInitializer ?? []).length > 0) throw new RequantError('FORMAT_UNSUPPORTED', 'sparse weights are not read', { file: name });

  const { graph, names, options } = plainDoors(whole, given, name);
  const called = (tensor: string): string => names.get(tensor) ?? tensor;
  const initialized = new Set((graph.initializer ?? []).map((proto) => proto.name ?? ''));
  const open = (graph.input ?? []).filter((info) => !initialized.has(info.name ?? ''));
  const declaredInputs = open.map((info) => ({ name: called(info.name ?? ''), dimensions: dimensionsOf(info) }));
  checkOptions(options, declaredInputs.map((input) => input.name), namedDimensions(graph), name);
  const dimensions = new Map(Object.entries(options.dimensions ?? {}));
  const shapes = declaredInputs.map((input) => settleInput(input.name, input.dimensions, options, dimensions, name));
  const wanted = (graph.output ?? []).map((info) => info.name ?? '');
  const steps = (graph.node ?? []).map((proto): OnnxStep => ({ proto, inputs: readsOf(proto), outputs: (proto.output ?? []).filter((output) => output !== '') }));
  const order = executionOrder(steps, wanted, name).map((step): OnnxStep => {
    const node = step.proto.name || (step.outputs[0] ?? '');
    return { ...step, proto: loadedWithin(step.proto, (t) => external.load(t, { file: name, node, tensor: t.name ?? '' })) };
  });
  const weights = weightsOf(graph, new Set([...wanted, ...order.flatMap((step) => step.inputs)]), external, name);
  const source: IslandSource = { model, declared: declaredTypes(graph, dimensions), strange: weights.strange };
  const protos = order.map((step) => step.proto);
  const start = (): Attempt => {
    const build = startBuild(name, size + external.bytes(), batchOfOne(source.declared));
    for (const [tensor, constant] of weights.constants) build.entries.set(tensor, { kind: 'constant', tensor: constant });
    return { build, inputs: open.map((info, i) => openInput(build, protos, { info, name: called(info.name ?? '') }, shapes[i] ?? [])) };
  };
  const { build, inputs } = importSteps(order, { start, source, opset, wanted, file: name, inside: new Set(order.filter(staysOnnx(model, opset))) });
  const outputs = wanted.map((tensor) => { emitKnown(build, tensor); return outputPort(build, tensor, called(tensor)); });
  return { name: name.replace(/\.onnx$/i, ''), format: 'onnx', inputs, outputs, values: build.values, constants: build.constants, nodes: build.nodes };
}

/** The inputs as the file declares them. A sequence of unknown length is one input that asks for its length; one of a known length is its members. */
export function onnxInputs(bytes: Uint8Array, name: string, { inputShapes = {} }: ImportOptions): readonly DeclaredInput[] {
  const whole = decodeModel(bytes).graph;
  if (!whole) throw new RequantError('FORMAT_CORRUPT', 'the file holds no graph; it may be no ONNX model', { file: name });
  const sequences = sequencesOfAnyLength(whole, inputShapes);
  const none = Object.fromEntries(sequences.map((sequence) => [sequence, [0]]));
  const { graph, names } = plainDoors(whole, { inputShapes: { ...inputShapes, ...none } }, name);
  const initialized = new Set((graph.initializer ?? []).map((proto) => proto.name ?? ''));
  const plain = (graph.input ?? []).filter((info) => !initialized.has(info.name ?? '')).map((info) => ({ name: names.get(info.name ?? '') ?? info.name ?? '', dimensions: dimensionsOf(info) }));
  return [...plain, ...sequences.map((sequence) => ({ name: sequence, dimensions: [''], sequence: true as const }))];
}

/** Weights that are read, as tensors; those of types that no tensor of ours holds as they are. */
function weightsOf({ initializer = [] }: GraphProto, read: ReadonlySet<string>, external: ExternalData, file: string): { readonly constants: ReadonlyMap<string, Tensor>; readonly strange: IslandSource['strange'] } {
  const constants = new Map<string, Tensor>();
  const strange = new Map<string, TensorProto>();
  for (const proto of initializer) {
    const { name = '', dataType = 0 } = proto;
    if (!read.has(name)) continue;
    const where = { file, tensor: name };
    if (dtypeOf(dataType)) constants.set(name, single(tensorFromProto(external.load(proto, where), where)));
    else strange.set(name, proto);
  }
  return { constants, strange };
}

/** Operators that no row reads: of an older opset, or defined by the file itself. */
function staysOnnx({ functions = [] }: ModelProto, opset: number): (step: OnnxStep) => boolean {
  const defined = new Set(functions.map(({ domain = '', name = '' }) => `${domain} ${name}`));
  return ({ proto: { domain = '', opType = '' } }) => opset < OLDEST_OPSET || defined.has(`${domain} ${opType}`);
}

/** An output that no input reaches is known already: a node that copies a constant gives it. */
function emitKnown(build: GraphBuild, name: string): void {
  const entry = build.entries.get(name);
  if (entry?.kind !== 'constant') return;
  const { dtype, shape } = entry.tensor;
  const attrs = { type: 'Identity', domain: '', opset: COPY_OPSET, attributes: {}, shape };
  build.entries.set(name, build.add('opaque', [build.constant(`${name}/constant`, entry.tensor)], attrs, { name, shape, last: false, dtype }, { name, type: 'Constant' }));
}

/** A tensor's dimensions as the file declares them; undefined where not even their number is known. */
const dimensionsOf = (info: ValueInfoProto): readonly DeclaredDimension[] | undefined =>
  info.type?.tensorType?.shape && (info.type.tensorType.shape.dim ?? []).map((d) => (d.dimValue !== undefined && d.dimValue >= 0 ? d.dimValue : d.dimParam ?? ''));

const namedDimensions = (graph: GraphProto): ReadonlySet<string> =>
  new Set([...(graph.input ?? []), ...(graph.valueInfo ?? []), ...(graph.output ?? [])].flatMap((info) => (dimensionsOf(info) ?? []).filter((d): d is string => typeof d === 'string' && d !== '')));

function declaredTypes(graph: GraphProto, sizes: ReadonlyMap<string, number>): IslandSource['declared'] {
  return new Map([...(graph.valueInfo ?? []), ...(graph.output ?? [])].flatMap(({ name = '', type }) => {
    if (!type?.tensorType) return [];
    const { elemType = 0, shape } = type.tensorType;
    return [[name, { elemType, ...(shape ? { shape: (shape.dim ?? []).map((d) => d.dimValue ?? sizes.get(d.dimParam ?? '') ?? -1).map((d) => Math.max(d, -1)) } : {}) }] as const];
  }));
}

/** What the file tells whole, where an open first dimension is a batch of 1. */
const batchOfOne = (declared: IslandSource['declared']): GraphBuild['declared'] => new Map([...declared].flatMap(([name, { elemType, shape }]) =>
  (shape?.slice(1).every((d) => d >= 0) ? [[name, { elemType, shape: shape.map((d) => (d < 0 ? 1 : d)) }] as const] : [])));

function openInput(build: GraphBuild, nodes: readonly NodeProto[], { info, name }: { readonly info: ValueInfoProto; readonly name: string }, shape: readonly number[]): Port {
  const tensor = info.name ?? '';
  const where = { file: build.file, tensor: name };
  const type = info.type?.tensorType;
  const stored = elementTypeOf(type?.elemType ?? 0);
  const dtype = stored === 'float64' ? 'float32' : stored;
  if (!dtype) throw type?.elemType ? new RequantError('FORMAT_UNSUPPORTED', `inputs of element type ${type.elemType} are not read`, where) : new RequantError('SHAPE_UNKNOWN', 'the input has no type', where);
  return inputPort(build, { tensor, name, shape, dtype, image: isImage(nodes, tensor) });
}

/** Does the tensor reach an operator that reads images, through operators that keep one? */
function isImage(nodes: readonly NodeProto[], input: string): boolean {
  const reached = new Set([input]);
  for (const node of nodes) {
    if (!(node.input ?? []).some((name) => reached.has(name))) continue;
    if (IMAGE_READERS.has(node.opType ?? '')) return true;
    if (KEEPS_IMAGE.has(node.opType ?? '')) for (const output of node.output ?? []) reached.add(output);
  }
  return false;
}
