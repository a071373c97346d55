// Sequences, optional values and narrow types at a model's doors, as the caller sees them. That they compute what was recorded: node-tests.test.ts.
import { describe, expect, it } from 'vitest';
import { RequantError } from '../../errors/index.ts';
import type { Graph } from '../../ir/index.ts';
import { encodeModel, type NodeProto, type TypeProto } from '../../onnx/index.ts';
import { declaredInputs, importModel, type ImportOptions } from '../index.ts';

const FLOAT = 1, FLOAT8E4M3FN = 17, UINT4 = 21;
const tensor = (elemType: number, ...dims: readonly (number | string)[]): TypeProto =>
  ({ tensorType: { elemType, shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) } } });
const sequence = (type: TypeProto): TypeProto => ({ sequenceType: { elemType: type } });
const optional = (type: TypeProto): TypeProto => ({ optionalType: { elemType: type } });

const bytesOf = (node: NodeProto, input: TypeProto, output: TypeProto): Uint8Array => encodeModel({
  irVersion: 10, opsetImport: [{ domain: '', version: 21 }],
  graph: { name: 'g', node: [{ ...node, input: ['x'], output: ['y'] }], input: [{ name: 'x', type: input }], output: [{ name: 'y', type: output }] },
});
const open = (node: NodeProto, input: TypeProto, output: TypeProto, options: ImportOptions = {}): Graph => importModel(bytesOf(node, input, output), 'm.onnx', options);
const copy = (type: TypeProto, options: ImportOptions = {}): Graph => open({ opType: 'Identity' }, type, type, options);
const shown = ({ inputs, outputs }: Graph): unknown => [inputs, outputs].map((ports) => ports.map(({ name, shape, dtype }) => `${name} ${dtype} [${shape.join(', ')}]`));
const refusal = (run: () => unknown): unknown => {
  try { run(); } catch (thrown) { if (thrown instanceof RequantError) return { code: thrown.code, tensor: thrown.where.tensor }; throw thrown; }
  return 'nothing was refused';
};

describe('a sequence', () => {
  it('is entered as its members, each of its own shape, and leaves as one tensor', () => {
    expect(shown(copy(sequence(tensor(FLOAT, 'N')), { inputShapes: { 'x[0]': [2], 'x[1]': [3] } }))).toEqual([['x[0] float32 [2]', 'x[1] float32 [3]'], ['y float32 [-1, -1]']]);
  });
  it('whose members\' shape the file tells needs no more than its length', () => {
    expect(shown(copy(sequence(tensor(FLOAT, 4)), { inputShapes: { x: [2] } }))).toEqual([['x[0] float32 [4]', 'x[1] float32 [4]'], ['y float32 [-1, 4]']]);
    expect(shown(copy(sequence(tensor(FLOAT, 4)), { inputShapes: { x: [0] } }))).toEqual([[], ['y float32 [-1, 4]']]);
  });
  it('leaves as those members that are named, and its length', () => {
    const options = { inputShapes: { x: [2] }, outputNames: ['y.length', 'y[1]'] };
    expect(shown(copy(sequence(tensor(FLOAT, 4)), options))).toEqual([['x[0] float32 [4]', 'x[1] float32 [4]'], ['y.length int64 []', 'y[1] float32 [4]']]);
    expect(shown(copy(optional(sequence(tensor(FLOAT, 4))), options))).toEqual([['x[0] float32 [4]', 'x[1] float32 [4]'], ['y.length int64 []', 'y[1] float32 [4]']]);
  });
  it.each<readonly [string, ImportOptions, string, string]>([
    ['of unknown length', {}, 'SHAPE_UNKNOWN', 'x'],
    ['with a shape in place of its length', { inputShapes: { x: [2, 4] } }, 'CONFIG_INVALID', 'x'],
    ['with a length below 0', { inputShapes: { x: [-1] } }, 'CONFIG_INVALID', 'x'],
    ['with a length beyond all use', { inputShapes: { x: [1e9] } }, 'CONFIG_INVALID', 'x'],
    ['with a member left out', { inputShapes: { 'x[0]': [4], 'x[2]': [4] } }, 'CONFIG_INVALID', 'x[2]'],
    ['whose output is named twice', { inputShapes: { x: [1] }, outputNames: ['y', 'z'] }, 'CONFIG_INVALID', 'z'],
  ])('%s is refused', (_, options, code, where) => {
    expect(refusal(() => copy(sequence(tensor(FLOAT, 4)), options))).toEqual({ code, tensor: where });
  });
  it('of maps is refused, as it was', () => {
    expect(refusal(() => copy(sequence({ mapType: { keyType: 7, valueType: tensor(FLOAT) } })))).toMatchObject({ tensor: 'x' });
  });
});

describe('what a file declares of its inputs', () => {
  const declared = (type: TypeProto, inputShapes?: ImportOptions['inputShapes']) => declaredInputs(bytesOf({ opType: 'Identity' }, type, type), 'm.onnx', inputShapes && { inputShapes });
  it('is told with open dimensions by name or empty, also where the model cannot be opened yet', () => {
    expect(declared(tensor(FLOAT, 'N', 3, '', 'width'))).toEqual([{ name: 'x', dimensions: ['N', 3, '', 'width'] }]);
    expect(declared({ tensorType: { elemType: FLOAT } })).toEqual([{ name: 'x', dimensions: undefined }]);
    expect(declared(optional(tensor(FLOAT, 4)))).toEqual([]);
  });
  it('a sequence asks for its length, then for what its members leave open', () => {
    const type = sequence(tensor(FLOAT, 1, 'N'));
    expect(declared(type)).toEqual([{ name: 'x', dimensions: [''], sequence: true }]);
    expect(declared(type, { x: [2] })).toEqual([{ name: 'x[0]', dimensions: [1, ''] }, { name: 'x[1]', dimensions: [1, ''] }]);
    expect(shown(copy(type, { inputShapes: { x: [2], 'x[0]': [1, 5], 'x[1]': [1, 6] } }))).toMatchObject([['x[0] float32 [1, 5]', 'x[1] float32 [1, 6]'], {}]);
  });
});

describe('an optional input', () => {
  const has = { opType: 'OptionalHasElement' };
  it('is there where its shape is given, and else absent', () => {
    expect(shown(open(has, optional(tensor(FLOAT, 4)), tensor(9), { inputShapes: { x: [4] } }))).toEqual([['x float32 [4]'], ['y bool []']]);
    expect(shown(open(has, optional(tensor(FLOAT, 4)), tensor(9)))).toEqual([[], ['y bool []']]);
  });
});

describe('narrow types', () => {
  it('enter and leave as wider ones', () => {
    expect(shown(copy(tensor(FLOAT8E4M3FN, 4)))).toEqual([['x float32 [4]'], ['y float32 [4]']]);
    expect(shown(copy(tensor(UINT4, 4)))).toEqual([['x uint8 [4]'], ['y uint8 [4]']]);
  });
});

it('outputs that are not named are left out', () => {
  expect(refusal(() => copy(tensor(FLOAT, 4), { outputNames: ['y', 'y'] }))).toEqual({ code: 'CONFIG_INVALID', tensor: 'y' });
  expect(refusal(() => copy(tensor(FLOAT, 4), { outputNames: ['x'] }))).toEqual({ code: 'CONFIG_INVALID', tensor: 'x' });
});
