// What a row of the operator table sees of one TensorFlow node. A row says the node in ONNX's words; what ONNX's own importer makes of
// them (nodes of the graph, folded constants, opaque operators, the layout of images) then holds for TensorFlow, too.
import { RequantError } from '../../errors/index.ts';
import { ATTRIBUTE_TYPE, elemTypeOf, type AttributeProto } from '../../onnx/index.ts';
import { convert, numbersOf, tensor, type DType, type Tensor } from '../../tensor/tensor.ts';
import type { Entry, GraphBuild } from '../onnx/build.ts';
import { importNode } from '../onnx/node.ts';
import { nodeOf, outputName, type GraphNode } from './graph.ts';
import { dimensionsOf, dtypeOf, tensorFromProto } from './tensor.ts';

/** The operators that rows name are those of this set; the float graph is written with the same one. */
export const OPSET = 17;

export type Attributes = Readonly<Record<string, AttributeProto>>;
export const int = (i: number): AttributeProto => ({ type: ATTRIBUTE_TYPE.int, i });
export const float = (f: number): AttributeProto => ({ type: ATTRIBUTE_TYPE.float, f });
export const ints = (list: readonly number[]): AttributeProto => ({ type: ATTRIBUTE_TYPE.ints, ints: list });
export const text = (s: string): AttributeProto => ({ type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(s) });
export const elemType = (dtype: DType): AttributeProto => int(elemTypeOf(dtype));

export interface TensorflowOperator {
  readonly node: GraphNode;
  readonly build: GraphBuild;
  /** Names of the tensors that it reads. */
  readonly inputs: readonly string[];
  /** Name of its first output. */
  readonly output: string;
  /** The node that produces a tensor as its first output, for patterns of several nodes. */
  producer(tensor: string): TensorflowOperator | undefined;
  /** A name for a passing tensor that nothing has. */
  fresh(name: string): string;
  /** Name of the i-th input. Raises MODEL_INVALID where it is absent. */
  input(i: number): string;
  shapeOf(tensor: string): readonly number[];
  dtypeOf(tensor: string): DType;
  /** The tensor where it is constant. */
  constantOf(tensor: string): Tensor | undefined;
  /** The numbers of a constant input. Raises OPERATOR_UNSUPPORTED where it is computed while the network runs. */
  numbers(i: number): readonly number[];
  int(attribute: string, otherwise: number): number;
  float(attribute: string, otherwise: number): number;
  flag(attribute: string, otherwise: boolean): boolean;
  text(attribute: string, otherwise: string): string;
  ints(attribute: string): readonly number[];
  type(attribute: string): DType | undefined;
  shape(attribute: string): readonly number[] | undefined;
  tensor(attribute: string): Tensor | undefined;
  /** Adds an ONNX node and returns the name of its first output: a passing one unless it is given. */
  onnx(type: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** The same for a node of several outputs. */
  onnxOutputs(type: string, inputs: readonly string[], attributes: Attributes, outputs: readonly string[]): void;
  /** Names a constant. */
  constant(tensor: Tensor): string;
  /** A list of whole numbers as a constant. */
  list(values: readonly number[]): string;
  /** One number as a constant of the type of `like`. */
  scalar(value: number, like: string): string;
  /** Numbers as a constant of a type. */
  values(dtype: DType, shape: readonly number[], values: readonly number[]): string;
  /** The i-th output is this tensor, which is known by another name already. */
  become(tensor: string, i?: number): void;
  /** The i-th output is never computed: its side of a branch is not taken. */
  kill(i: number): void;
  killAll(): void;
  isDead(tensor: string): boolean;
  fail(message: string): RequantError;
}
export type Row = (o: TensorflowOperator) => void;

/** What all nodes of a file share. */
export interface Surroundings {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly build: GraphBuild;
  /** Tensors that the caller feeds: no node gives them. */
  readonly fed: ReadonlySet<string>;
  /** Tensors of branches that are not taken. */
  readonly dead: Set<string>;
  /** Nodes that could not be imported, and why. That is an error for whoever needs them, and for nobody else. */
  readonly refused: Map<string, RequantError>;
}

const everyOutput = (node: string): string => `${node}:*`;
export const isDead = (dead: ReadonlySet<string>, tensor: string): boolean => dead.has(tensor) || dead.has(everyOutput(nodeOf(tensor)));

export function operatorView(surroundings: Surroundings, node: GraphNode): TensorflowOperator {
  const { nodes, build, fed, dead, refused } = surroundings;
  const where = { file: build.file, node: node.name };
  const fail = (message: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `${node.op}: ${message}`, where);
  const source = { name: node.name, type: node.op };
  const attr = (name: string) => node.attrs.get(name);
  const entry = (tensor: string): Entry => {
    const found = build.entries.get(tensor);
    const refusal = found ? undefined : refused.get(nodeOf(tensor));
    if (refusal) throw refusal;
    if (!found) throw new RequantError('MODEL_INVALID', `it reads ${tensor}, which is not computed`, where);
    return found;
  };
  let passing = 0;
  const fresh = (last: string): string => {
    let name = `${node.name}/${last}`;
    while (build.entries.has(name) || nodes.has(name)) name = `${node.name}/${last}_${++passing}`;
    return name;
  };
  const o: TensorflowOperator = {
    node, build, inputs: node.inputs, output: node.name, fail, fresh,
    producer: (tensor) => { const found = fed.has(tensor) ? undefined : nodes.get(tensor); return found && operatorView(surroundings, found); },
    input: (i) => {
      const name = node.inputs[i];
      if (name === undefined) throw new RequantError('MODEL_INVALID', `${node.op}: it lacks input ${i}`, where);
      entry(name);
      return name;
    },
    shapeOf: (tensor) => { const e = entry(tensor); return e.kind === 'value' ? e.shape : e.tensor.shape; },
    dtypeOf: (tensor) => {
      const e = entry(tensor);
      const { dtype } = e.kind === 'value' ? e : e.tensor;
      if (dtype === 'string') throw fail(`${tensor} holds strings`);
      return dtype;
    },
    constantOf: (tensor) => { const e = entry(tensor); return e.kind === 'constant' ? e.tensor : undefined; },
    numbers: (i) => {
      const constant = o.constantOf(o.input(i));
      if (!constant) throw fail(`its input ${i} is computed while the network runs`);
      return numbersOf(constant);
    },
    int: (name, otherwise) => attr(name)?.i ?? (node.attrs.has(name) ? 0 : otherwise),
    float: (name, otherwise) => attr(name)?.f ?? (node.attrs.has(name) ? 0 : otherwise),
    flag: (name, otherwise) => (node.attrs.has(name) ? (attr(name)?.b ?? 0) !== 0 : otherwise),
    text: (name, otherwise) => { const s = attr(name)?.s; return s ? new TextDecoder().decode(s) : otherwise; },
    ints: (name) => attr(name)?.list?.i ?? [],
    type: (name) => { const type = attr(name)?.type; return type === undefined ? undefined : dtypeOf(type); },
    shape: (name) => dimensionsOf(attr(name)?.shape),
    tensor: (name) => { const proto = attr(name)?.tensor; return proto && tensorFromProto(proto, where); },
    onnx: (type, inputs, attributes = {}, output = fresh(type.toLowerCase())) => {
      const name = fed.has(output) ? fresh(type) : output;
      o.onnxOutputs(type, inputs, attributes, [name]);
      return name;
    },
    onnxOutputs: (type, inputs, attributes, outputs) => {
      for (const name of inputs) if (name !== '') entry(name);
      const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...value }));
      const free = outputs.map((name) => (fed.has(name) ? fresh(type) : name));
      importNode(build, { opType: type, name: node.name, input: inputs, output: free, attribute }, OPSET, () => true, source);
    },
    constant: (tensor) => {
      const name = fresh('constant');
      build.spend(tensor.data.length);
      build.entries.set(name, { kind: 'constant', tensor });
      return name;
    },
    values: (dtype, shape, values) => o.constant(convert(tensor('float64', shape, Float64Array.from(values)), dtype)),
    list: (values) => o.values('int64', [values.length], values),
    scalar: (value, like) => o.values(o.dtypeOf(like), [], [value]),
    become: (tensor, i = 0) => {
      const name = outputName(node.name, i);
      if (!fed.has(name)) build.entries.set(name, entry(tensor));
    },
    kill: (i) => { dead.add(outputName(node.name, i)); },
    killAll: () => { dead.add(everyOutput(node.name)); },
    isDead: (tensor) => isDead(dead, tensor),
  };
  return o;
}
