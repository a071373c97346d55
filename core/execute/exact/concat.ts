// Concatenation on the kernels: every part is rescaled, or passes through a table, into its place; constant parts are stored as the output is.
import * as v from 'valibot';
import { instruction, type Instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sameShape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { copying, stepsOf } from './copying.ts';
import { rescaling } from './elementwise.ts';
import { STRANGE, widthOf, type Lowering, type NodeShape, type NotLowered, type Stored } from './lowering.ts';

const axisAttribute = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Where a part lies in the output: `outer` rows of `run` elements, a row of the output every `stride`. */
interface Place {
  readonly outer: number;
  readonly run: number;
  readonly stride: number;
  /** Elements before it in each row. */
  readonly offset: number;
}
/** A part's instructions, from its address and the output's; `between` is room for it. */
interface Part {
  readonly write: (x: number, y: number, between: number) => readonly Instruction[];
  /** Of the node's inputs; absent for a constant. */
  readonly input?: number;
  readonly pinned?: number;
}

/** `pass` lowers the i-th part, which is the node's k-th input; `constant` gives a constant part as stored in the output. */
function joining(
  node: NodeShape, axis: number, pass: (i: number, k: number, input: Stored, place: Place) => Part['write'] | NotLowered, constant: (i: number, t: Tensor) => Tensor | undefined,
): ReturnType<Lowering> {
  const out = node.output.shape;
  const [outer, stride] = [sizeOf(out.slice(0, axis)), sizeOf(out.slice(axis))];
  if (widthOf(node.output.quantization) !== 2 || axis >= out.length) return STRANGE;
  const total = node.inputs.length + Object.keys(node.constants).filter((role) => role.startsWith('input')).length;
  const parts: Part[] = [];
  let offset = 0, next = 0, largest = 0;
  for (let i = 0; i < total; i++) {
    const given = node.constants[`input${i}`];
    const input = next;
    const value: { readonly shape: readonly number[] } | undefined = given ?? node.inputs[next++];
    const run = sizeOf(value?.shape.slice(axis) ?? []);
    if (!value || !sameShape(value.shape.slice(0, axis), out.slice(0, axis))) return STRANGE;
    const place = { outer, run, stride, offset };
    if (given) {
      const stored = constant(i, given);
      const write = copied(node, place);
      if (!write || !stored || stored.dtype !== node.output.quantization?.dtype) return STRANGE;
      parts.push({ write: (x, y) => [write(x, y)], pinned: node.pin(Int16Array.from(stored.data as Int8Array | Int16Array)) });
    } else {
      const lowered = pass(i, input, node.inputs[input] ?? node.output, place);
      if ('reason' in lowered) return lowered;
      parts.push({ write: lowered, input });
      largest = Math.max(largest, outer * run * 2);
    }
    offset += run;
  }
  if (offset !== stride) return STRANGE;
  return {
    cost: sizeOf(out), temporaries: [largest],
    instructions: ({ inputs, output, temporaries: [between = 0] }) => parts.flatMap(({ write, input, pinned = 0 }) => write(input === undefined ? pinned : inputs[input] ?? 0, output, between)),
  };
}
const copied = (node: NodeShape, { outer, run, stride, offset }: Place): ((x: number, y: number) => Instruction) | undefined => {
  const write = copying(node.pin, [outer, run], stepsOf([outer, run], 2), [stride * 2, 2], 2);
  return write && ((x, y) => write(x, y + offset * 2));
};

const concatAttributes = v.looseObject({ axis: axisAttribute, multipliers: v.array(v.number()), shifts: v.array(v.number()) });
export const lowerConcat: Lowering = (node) => {
  const { axis, multipliers, shifts } = v.parse(concatAttributes, node.attrs);
  return joining(node, axis, (_, k, input, { outer, run, stride, offset }) => {
    const write = rescaling(input, node.output, { multiplier: multipliers[k] ?? 0, shift: shifts[k] ?? 0 });
    return 'reason' in write ? write : (x, y) => [write({ a: x, b: x, y: y + offset * 2, rows: outer, run, aStep: run * 2, bStep: 0, yStep: stride * 2 })];
  }, (_, t) => t);
};

const [FIRST] = INTEGER_RANGE.int8;
const tfliteAttributes = v.looseObject({ axis: axisAttribute });
/** Integers pass, or go through a table of 256. */
export const lowerTfliteConcat: Lowering = (node) => {
  const { axis } = v.parse(tfliteAttributes, node.attrs);
  const tableOf = (i: number): Int8Array | undefined => {
    const data = node.constants[`table${i}`]?.data;
    return data instanceof Int8Array && data.length === 256 ? data : undefined;
  };
  const tables = Object.keys(node.constants).filter((role) => role.startsWith('table'));
  if (tables.length > 0 && ([...node.inputs, node.output].some((value) => value.quantization?.dtype !== 'int8') || tables.some((role) => !tableOf(Number(role.slice(5)))))) return STRANGE;
  return joining(node, axis, (i, _, input, place) => {
    const write = copied(node, place);
    if (!write || input.quantization?.dtype !== node.output.quantization?.dtype) return STRANGE;
    const table = tableOf(i);
    if (!table) return (x, y) => [write(x, y)];
    const address = node.pin(Int16Array.from(table));
    return (x, y, between) => [instruction('table', { x, y: between, table: address, count: place.outer * place.run, first: FIRST }), write(between, y)];
  }, (i, t) => {
    const table = tableOf(i);
    return table ? { ...t, dtype: 'int8', data: Int8Array.from(t.data as Int8Array, (q) => table[q - FIRST] ?? 0) } : t;
  });
};
