// Building a channels-last graph from a channels-first file. For every tensor of the file this keeps what it became: a constant, or a
// value with its layout; it is brought into the other layout once, and only where an operator asks for it.
import { RequantError } from '../../errors/index.ts';
import type { Node, SourceOperator, Value } from '../../ir/index.ts';
import { allocate, sizeOf, type DType, type ElementType, type Tensor, type TensorData } from '../../tensor/tensor.ts';
import { uniqueNames, type Names } from '../names.ts';

/** File order [N, C, H, W] to graph order [N, H, W, C], and back. */
export const TO_LAST = [0, 2, 3, 1] as const;
export const TO_FIRST = [0, 3, 1, 2] as const;
export const permuted = (shape: readonly number[], perm: readonly number[]): readonly number[] => perm.map((p) => shape[p] ?? 1);

/** Rows [N, C, L] as an image of height 1; an image as it is. */
export const lifted = (shape: readonly number[]): readonly number[] => (shape.length === 3 ? shape.toSpliced(2, 0, 1) : shape);
/** The graph's shape of a channels-last value whose shape in the file this is. */
const lastShape = (shape: readonly number[]): readonly number[] => permuted(lifted(shape), TO_LAST);

/** One row of channels or one channel: the numbers lie the same in either order. */
export const liesAlike = ([, channels = 1, height = 1, width = 1]: readonly number[]): boolean => channels === 1 || height * width === 1;

export interface ConstantEntry {
  readonly kind: 'constant';
  readonly tensor: Tensor;
}
export interface ValueEntry {
  readonly kind: 'value';
  /** Name of the graph's value. */
  readonly name: string;
  /** Shape in the file's order. */
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** Is the graph's value channels-last: an image permuted by TO_LAST, or rows [N, C, L] as the image [N, 1, L, C]? */
  readonly last: boolean;
  /** A channels-last image flattened to rows without transposing first: its elements are in H, W, C order. */
  readonly flattened?: { readonly image: ValueEntry };
}
/** Rows that lie as an image. */
export const isRows = (entry: ValueEntry): boolean => entry.last && entry.shape.length === 3;
export type Entry = ConstantEntry | ValueEntry;

/** A value to be made, in file order; it is called `name` if that is free. */
export interface FileValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export interface GraphBuild {
  readonly file: string;
  readonly names: Names;
  readonly values: Map<string, Value>;
  readonly constants: Map<string, Tensor>;
  readonly nodes: Node[];
  readonly entries: Map<string, Entry>;
  /** Types and shapes that the file itself tells. */
  readonly declared: ReadonlyMap<string, { readonly elemType: number; readonly shape: readonly number[] }>;
  /** Adds a node whose output has `shape` in file order; the output is called `name` if that is free. */
  add(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, out: { readonly name: string; readonly shape: readonly number[]; readonly last: boolean; readonly dtype?: ElementType }, source: SourceOperator): ValueEntry;
  /** Adds a node with several outputs, all in file order. */
  several(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, outs: readonly FileValue[], source: SourceOperator): readonly ValueEntry[];
  constant(name: string, tensor: Tensor): string;
  /** So many times the same number. Tensors of one number share their memory: some models have no others. */
  filled(dtype: DType, value: number | bigint, length: number): TensorData;
  /** Counts elements that importing computes or copies; a file that asks for far too many raises FORMAT_TOO_LARGE. */
  spend(elements: number): void;
  /** Name of the value in file order; adds a transpose, or a reshape where that is enough. */
  asFile(entry: ValueEntry, source: SourceOperator): string;
  /** Name of the image, channels-last; rows [N, C, L] become one of height 1. */
  asImage(entry: ValueEntry, source: SourceOperator): string;
}

/** Elements that one import may compute or copy: 2^27, and so many more for each byte of the file (its weights are moved a few times). */
const MAX_WORK = 2 ** 27;
const WORK_PER_BYTE = 4;

export function startBuild(file: string, fileSize: number, declared: GraphBuild['declared']): GraphBuild {
  const limit = MAX_WORK + WORK_PER_BYTE * fileSize;
  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>();
  const nodes: Node[] = [];
  const names = uniqueNames();
  const producers = new Map<string, Node>();
  const inFileOrder = new Map<string, string>();
  const asImages = new Map<string, string>();
  const filled = new Map<string, TensorData>();
  let work = 0;
  const build: GraphBuild = {
    spend: (elements) => {
      work += elements;
      if (!(work <= limit)) throw new RequantError('FORMAT_TOO_LARGE', `importing would compute more than ${limit} numbers`, { file });
    },
    file, names, values, constants, nodes, declared, entries: new Map(),
    add: (op, given, attrs, { name, shape, last, dtype = 'float32' }, source) => {
      // A reshape of a reshape reads what the first one read; nobody may need the first any more.
      const before = op === 'reshape' ? producers.get(given[0] ?? '') : undefined;
      const inputs = before?.op === 'reshape' ? before.inputs : given;
      const unique = names.take(name);
      values.set(unique, { name: unique, shape: last ? lastShape(shape) : shape, dtype });
      const node = { op, attrs, inputs, outputs: [unique], sources: [source] };
      nodes.push(node);
      producers.set(unique, node);
      return { kind: 'value', name: unique, shape, dtype, last };
    },
    several: (op, inputs, attrs, outs, source) => {
      const made = outs.map(({ name, shape, dtype }): ValueEntry => ({ kind: 'value', name: names.take(name), shape, dtype, last: false }));
      for (const { name, shape, dtype } of made) values.set(name, { name, shape, dtype });
      nodes.push({ op, attrs, inputs, outputs: made.map(({ name }) => name), sources: [source] });
      return made;
    },
    constant: (name, tensor) => {
      if (constants.get(name) === tensor) return name;
      build.spend(sizeOf(tensor.shape));
      const unique = names.take(name);
      constants.set(unique, tensor);
      return unique;
    },
    filled: (dtype, value, length) => {
      const key = `${dtype} ${String(value)} ${Object.is(value, -0)}`, known = filled.get(key);
      if (known && known.length >= length) return known.subarray(0, length);
      const data: TensorData = allocate<DType>(dtype, length);
      if (!Object.is(value, 0)) data.fill(value as never);
      filled.set(key, data);
      return data;
    },
    asFile: (entry, source) => {
      if (entry.flattened) {
        const { image } = entry.flattened;
        return once(inFileOrder, entry.name, () =>
          build.add('reshape', [build.asFile(image, source)], { shape: entry.shape }, { name: `${entry.name}/channels_first`, shape: entry.shape, last: false, dtype: entry.dtype }, source).name);
      }
      if (!entry.last) return entry.name;
      return once(inFileOrder, entry.name, () => {
        const made = move(entry, TO_FIRST, false, `${entry.name}/channels_first`, source);
        asImages.set(made, entry.name);
        return made;
      });
    },
    asImage: (entry, source) => {
      if (entry.shape.length !== 4 && entry.shape.length !== 3) throw new RequantError('SHAPE_MISMATCH', `an image operator reads [${entry.shape.join(', ')}]`, { file, tensor: entry.name });
      return entry.last ? entry.name : once(asImages, entry.name, () => move(entry, TO_LAST, true, `${entry.name}/channels_last`, source));
    },
  };
  const move = (entry: ValueEntry, perm: readonly number[], last: boolean, name: string, source: SourceOperator): string => {
    const out = { name, shape: entry.shape, last, dtype: entry.dtype };
    if (liesAlike(entry.shape)) return build.add('reshape', [entry.name], { shape: last ? lastShape(entry.shape) : entry.shape }, out, source).name;
    if (entry.shape.length === 3) return moveRows(entry, last, out, source);
    return build.add('transpose', [entry.name], { perm }, out, source).name;
  };
  /** Between [N, C, L] and the image [N, 1, L, C], by way of [N, L, C]. */
  const moveRows = (entry: ValueEntry, last: boolean, out: { name: string; shape: readonly number[]; last: boolean; dtype: ElementType }, source: SourceOperator): string => {
    const [batch = 1, channels = 1, length = 1] = entry.shape;
    const between = { name: `${entry.name}/rows`, shape: [batch, length, channels], last: false, dtype: entry.dtype };
    if (!last) return build.add('transpose', [build.add('reshape', [entry.name], { shape: between.shape }, between, source).name], { perm: [0, 2, 1] }, out, source).name;
    return build.add('reshape', [build.add('transpose', [entry.name], { perm: [0, 2, 1] }, between, source).name], { shape: lastShape(entry.shape) }, out, source).name;
  };
  return build;
}

function once(cache: Map<string, string>, key: string, make: () => string): string {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

/** Numbers of a shape that a hostile file may not exceed: 2^31 elements. */
export function checkShape(shape: readonly number[], where: { file: string; tensor: string }): readonly number[] {
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || sizeOf(shape) > 2 ** 31) throw new RequantError('MODEL_INVALID', `shape [${shape.join(', ')}] is not possible`, where);
  return shape;
}
