// Inputs and outputs that are no tensors, or of a type that no array of ours holds, become ordinary ones by a few operators of ONNX at the ends
// of the graph. A sequence `x` is entered as the tensors x[0], x[1] ...; it leaves as one tensor, its members stacked along a new first axis, or as
// those members that the caller names. An optional input is there where the caller gives its shape. float8 enters and leaves as float32, int4 as
// int8, uint4 as uint8: each of their values is one of the wider type.
import { RequantError, type ErrorPlace } from '../../errors/index.ts';
import { ATTRIBUTE_TYPE, elemTypeOf, tensorToProto, type AttributeProto, type GraphProto, type NodeProto, type TensorProto, type TypeProto, type ValueInfoProto } from '../../onnx/index.ts';
import { showShape } from '../../tensor/tensor.ts';
import type { ImportOptions } from '../shapes.ts';

/** TensorProto.DataType: the four kinds of float8, uint4 and int4 -> a type that holds all of their values. */
const WIDER: ReadonlyMap<number, number> = new Map([
  ...[17, 18, 19, 20].map((float8) => [float8, elemTypeOf('float32')] as const), [21, elemTypeOf('uint8')], [22, elemTypeOf('int8')],
]);
/** Each member of a sequence is an input of its own. */
const MOST_MEMBERS = 1024;

export interface PlainDoors {
  readonly graph: GraphProto;
  /** Tensor -> what the caller calls it, where these differ. */
  readonly names: ReadonlyMap<string, string>;
  /** Without what is settled here. */
  readonly options: ImportOptions;
}

/** Raises CONFIG_INVALID for an option that does not fit, SHAPE_UNKNOWN for a sequence of an unknown number of tensors. Other doors stay as they are. */
export function plainDoors(graph: GraphProto, options: ImportOptions, file: string): PlainDoors {
  const weights = new Set((graph.initializer ?? []).map(({ name = '' }) => name));
  const ends = new Ends(graph, options, file);
  for (const info of graph.input ?? []) {
    if (weights.has(info.name ?? '')) ends.inputs.push(info);
    else ends.enter(info.name ?? '', info.name ?? '', info.type ?? {});
  }
  const outputs = graph.output ?? [];
  if (options.outputNames) for (const wanted of options.outputNames) ends.leaveNamed(wanted, outputs);
  else for (const { name = '', type = {} } of outputs) ends.leave(name, name, type);
  return {
    graph: {
      ...graph, node: [...ends.first, ...graph.node ?? [], ...ends.last], initializer: [...graph.initializer ?? [], ...ends.constants],
      input: ends.inputs, output: ends.outputs,
    },
    names: ends.names, options: { ...options, inputShapes: Object.fromEntries(Object.entries(options.inputShapes ?? {}).filter(([name]) => !ends.settled.has(name))) },
  };
}

/** Sequences among the inputs of which neither the length nor the first member's shape is given. */
export const sequencesOfAnyLength = ({ input = [] }: GraphProto, given: Readonly<Record<string, unknown>>): readonly string[] =>
  input.filter(({ name = '', type }) => type?.sequenceType?.elemType?.tensorType && !Object.hasOwn(given, name) && !Object.hasOwn(given, `${name}[0]`)).map(({ name = '' }) => name);

const integer = (name: string, i: number): AttributeProto => ({ name, type: ATTRIBUTE_TYPE.int, i });

class Ends {
  readonly inputs: ValueInfoProto[] = [];
  readonly outputs: ValueInfoProto[] = [];
  readonly first: NodeProto[] = [];
  readonly last: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly names = new Map<string, string>();
  /** Options that say how many tensors a sequence holds. */
  readonly settled = new Set<string>();
  private readonly taken: Set<string>;
  private readonly shapes: Readonly<Record<string, readonly number[]>>;
  private readonly file: string;

  constructor({ node = [], input = [], initializer = [] }: GraphProto, { inputShapes = {} }: ImportOptions, file: string) {
    this.file = file;
    this.taken = new Set([...input, ...initializer].map(({ name = '' }) => name).concat(node.flatMap(({ output = [] }) => output)));
    this.shapes = inputShapes;
  }

  /** Makes `tensor`, which has this type, from what the caller gives as `name`. */
  enter(name: string, tensor: string, type: TypeProto): void {
    const { tensorType, sequenceType, optionalType } = type;
    const wider = WIDER.get(tensorType?.elemType ?? 0);
    if (wider !== undefined && tensorType) {
      const given = this.fresh(`${name}/given`);
      this.input(name, given, { tensorType: { ...tensorType, elemType: wider } });
      this.first.push({ opType: 'Cast', input: [given], output: [tensor], attribute: [integer('to', tensorType.elemType ?? 0)] });
    } else if (sequenceType?.elemType?.tensorType) this.enterSequence(name, tensor, sequenceType.elemType);
    else if (optionalType?.elemType) {
      const { elemType } = optionalType;
      const absent = !Object.keys(this.shapes).some((given) => given === name || given.startsWith(`${name}[`));
      const value = this.fresh(`${name}/value`);
      if (!absent) this.enter(name, value, elemType);
      const none: AttributeProto = { name: 'type', type: ATTRIBUTE_TYPE.typeProto, tp: elemType };
      this.first.push({ opType: 'Optional', input: absent ? [] : [value], output: [tensor], attribute: absent ? [none] : [] });
    } else this.input(name, tensor, type);
  }

  private enterSequence(name: string, tensor: string, type: TypeProto): void {
    const members = Array.from({ length: this.members(name) }, (_, i) => {
      const member = this.fresh(`${name}[${i}]`);
      this.enter(`${name}[${i}]`, member, withoutNames(type));
      return member;
    });
    if (members.length > 0) this.first.push({ opType: 'SequenceConstruct', input: members, output: [tensor] });
    else this.first.push({ opType: 'SequenceEmpty', output: [tensor], attribute: [integer('dtype', type.tensorType?.elemType ?? 0)] });
  }

  private members(name: string): number {
    const where = { file: this.file, tensor: name };
    const given = Object.hasOwn(this.shapes, name) ? this.shapes[name] : undefined;
    let count = 0;
    if (given) {
      this.settled.add(name);
      count = given[0] ?? -1;
      if (given.length !== 1 || !Number.isSafeInteger(count) || count < 0) throw new RequantError('CONFIG_INVALID', `inputShapes: a sequence has a length, such as [2], and not ${showShape(given)}`, where);
    } else {
      while (Object.hasOwn(this.shapes, `${name}[${count}]`)) count++;
      const [first, second, all] = [`${name}[0]`, `${name}[1]`, name].map((key) => JSON.stringify(key));
      if (count === 0) {
        throw new RequantError('SHAPE_UNKNOWN', 'the file does not tell how many tensors this sequence holds', where,
          { hint: `Give the shape of each: inputShapes: { ${first ?? ''}: [...], ${second ?? ''}: [...] }. Where the file tells their shape, or there are none, their number is enough: inputShapes: { ${all ?? ''}: [2] }.` });
      }
    }
    if (count > MOST_MEMBERS) throw new RequantError('CONFIG_INVALID', `a sequence of ${count} tensors has more than ${MOST_MEMBERS} of them`, where);
    return count;
  }

  /** Hands `tensor`, which has this type, to the caller as `name`. */
  leave(name: string, tensor: string, type: TypeProto): void {
    const { tensorType, sequenceType, optionalType } = type;
    const wider = WIDER.get(tensorType?.elemType ?? 0);
    if (wider !== undefined && tensorType) {
      const wide = this.after(name, 'Cast', [tensor], [integer('to', wider)]);
      this.output(name, wide, { tensorType: { ...tensorType, elemType: wider } });
    } else if (optionalType?.elemType) this.leave(name, this.after(name, 'OptionalGetElement', [tensor]), optionalType.elemType);
    else if (sequenceType?.elemType?.tensorType) {
      const { shape, elemType = 0 } = sequenceType.elemType.tensorType;
      const stack = this.after(name, 'ConcatFromSequence', [tensor], [integer('axis', 0), integer('new_axis', 1)]);
      this.leave(name, stack, { tensorType: { elemType, ...(shape ? { shape: { dim: [{}, ...shape.dim ?? []] } } : {}) } });
    } else this.output(name, tensor, type);
  }

  /** One of the outputs, or of a sequence `y` among them y[0], y[1] ... or y.length. */
  leaveNamed(wanted: string, outputs: readonly ValueInfoProto[]): void {
    const whole = outputs.find(({ name }) => name === wanted);
    if (whole) { this.leave(wanted, wanted, whole.type ?? {}); return; }
    const [, base = '', position] = /^(.*)(?:\[(\d{1,9})\]|\.length)$/s.exec(wanted) ?? [];
    const { type } = outputs.find(({ name }) => name === base) ?? {};
    const optional = type?.optionalType?.elemType;
    const elemType = (optional ?? type)?.sequenceType?.elemType;
    if (!elemType?.tensorType) throw new RequantError('CONFIG_INVALID', `outputNames names ${wanted}, but the outputs are ${outputs.map(({ name }) => name).join(', ')}`, { file: this.file, tensor: wanted });
    const sequence = optional ? this.after(base, 'OptionalGetElement', [base]) : base;
    if (position === undefined) {
      this.output(wanted, this.after(wanted, 'SequenceLength', [sequence]), { tensorType: { elemType: elemTypeOf('int64'), shape: { dim: [] } } });
      return;
    }
    const at = this.fresh(`${wanted}/at`);
    this.constants.push(tensorToProto({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(position)) }, at));
    this.leave(wanted, this.after(wanted, 'SequenceAt', [sequence, at]), withoutNames(elemType));
  }

  private input(name: string, tensor: string, type: TypeProto): void {
    this.inputs.push({ name: tensor, type });
    if (tensor !== name) this.names.set(tensor, name);
  }
  private output(name: string, tensor: string, type: TypeProto): void {
    const where: ErrorPlace = { file: this.file, tensor: name };
    if (this.outputs.some((other) => other.name === tensor)) throw new RequantError('CONFIG_INVALID', 'outputNames names it twice', where);
    this.outputs.push({ name: tensor, type });
    if (tensor !== name) this.names.set(tensor, name);
  }
  /** Adds an operator behind the graph; gives its output. */
  private after(name: string, opType: string, input: readonly string[], attribute: readonly AttributeProto[] = []): string {
    const made = this.fresh(`${name}/${opType}`);
    this.last.push({ opType, input, output: [made], attribute });
    return made;
  }
  private fresh(name: string): string {
    let free = name;
    for (let i = 2; this.taken.has(free); i++) free = `${name}/${i}`;
    this.taken.add(free);
    return free;
  }
}

/** A dimension of this name may differ from member to member. */
const withoutNames = (type: TypeProto): TypeProto => {
  const { tensorType } = type;
  return tensorType?.shape ? { ...type, tensorType: { ...tensorType, shape: { dim: (tensorType.shape.dim ?? []).map(({ dimValue }) => (dimValue === undefined ? {} : { dimValue })) } } } : type;
};
