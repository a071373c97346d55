// Frozen TensorFlow graphs -> Graph: where they start and end, what their nodes become, and what is refused. Small graphs, written here.
import { describe, expect, it } from 'vitest';
import { RequantError } from '../../errors/index.ts';
import { createFloatSession } from '../../execute/index.ts';
import type { Graph } from '../../ir/index.ts';
import { partition } from '../../partition/index.ts';
import { encoder, type MessageOf } from '../../protobuf/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { declaredInputs, importModel, type ImportOptions } from '../index.ts';
import { MESSAGES, type AttrValue, type NodeDef, type TensorProto } from './proto.ts';
import { tensorFromProto } from './tensor.ts';

const encode = encoder(MESSAGES);
type Attributes = Readonly<Record<string, AttrValue>>;
const node = (op: string, name: string, input: readonly string[] = [], attributes: Attributes = {}): NodeDef =>
  ({ name, op, input, attr: Object.entries(attributes).map(([key, value]) => ({ key, value })) });
const shapeOf = (dims: readonly number[]): MessageOf<typeof MESSAGES, 'TensorShapeProto'> => ({ dim: dims.map((size) => ({ size })) });
const placeholder = (name: string, dims: readonly number[], type = 1): NodeDef => node('Placeholder', name, [], { dtype: { type }, shape: { shape: shapeOf(dims) } });
const constant = (name: string, dims: readonly number[], floatVal: readonly number[]): NodeDef =>
  node('Const', name, [], { value: { tensor: { dtype: 1, tensorShape: shapeOf(dims), floatVal } } });
const list = (name: string, intVal: readonly number[], dims: readonly number[] = [intVal.length]): NodeDef =>
  node('Const', name, [], { value: { tensor: { dtype: 3, tensorShape: shapeOf(dims), intVal } } });
const ints = (...i: readonly number[]): AttrValue => ({ list: { i } });
const text = (s: string): AttrValue => ({ s: new TextEncoder().encode(s) });
const flag = (b: boolean): AttrValue => ({ b: b ? 1 : 0 });

const load = (nodes: readonly NodeDef[], options: ImportOptions = {}): Graph => importModel(encode('GraphDef', { node: nodes }), 'g.pb', options);
const refusal = (nodes: readonly NodeDef[], options: ImportOptions = {}): Partial<RequantError> => {
  try { load(nodes, options); } catch (thrown) { if (thrown instanceof RequantError) return thrown; throw thrown; }
  throw new Error('it was imported');
};
const opsOf = (graph: Graph): readonly string[] => graph.nodes.map((n) => n.op);

/** The first output, fed with 0, 1, 2 ..., both in the order of the graph. */
async function run(graph: Graph): Promise<number[]> {
  const [output] = graph.outputs;
  const session = await createFloatSession(graph, [output?.value ?? '']);
  const feed = Object.fromEntries(graph.inputs.map(({ value, shape }) => [value, { dtype: 'float32' as const, shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => i) }]));
  const results = await session.run(feed);
  await session.release();
  return Array.from(results[output?.value ?? '']?.data as Float32Array);
}

describe('constants', () => {
  const read = (proto: TensorProto): unknown => tensorFromProto(proto, {}).data;
  it('lie in lists whose last number stands for the rest, or as bytes', () => {
    expect(read({ dtype: 1, tensorShape: shapeOf([4]), floatVal: [1, 2] })).toEqual(Float32Array.of(1, 2, 2, 2));
    expect(read({ dtype: 3, tensorShape: shapeOf([2]), tensorContent: Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255) })).toEqual(Int32Array.of(1, -1));
    expect(read({ dtype: 1, tensorShape: shapeOf([2]) })).toEqual(Float32Array.of(0, 0));
  });
  it.each([
    ['int8', 6, { intVal: [-3] }, Int8Array.of(-3)], ['uint8', 4, { intVal: [250] }, Uint8Array.of(250)], ['int16', 5, { intVal: [-300] }, Int16Array.of(-300)],
    ['uint16', 17, { intVal: [65_000] }, Uint16Array.of(65_000)], ['int64', 9, { int64Val: [-(2n ** 60n)] }, BigInt64Array.of(-(2n ** 60n))],
    ['uint32', 22, { uint32Val: [4_000_000_000n] }, Uint32Array.of(4_000_000_000)], ['uint64', 23, { uint64Val: [2n ** 63n] }, BigUint64Array.of(2n ** 63n)],
    ['bool', 10, { boolVal: [1] }, Uint8Array.of(1)], ['double', 2, { doubleVal: [0.1] }, Float64Array.of(0.1)],
    ['half', 19, { halfVal: [0x3c00] }, Float32Array.of(1)], ['bfloat16', 14, { halfVal: [0x4040] }, Float32Array.of(3)],
  ] as const)('of %s are read', (_name, dtype, value, expected) => {
    expect(read({ dtype, tensorShape: shapeOf([1]), ...value })).toEqual(expected);
  });
  it.each([
    ['more than the shape has room for', { dtype: 1, tensorShape: shapeOf([1]), floatVal: [1, 2] }, 'FORMAT_CORRUPT'],
    ['bytes that do not fill the shape', { dtype: 1, tensorShape: shapeOf([2]), tensorContent: new Uint8Array(12) }, 'FORMAT_CORRUPT'],
    ['one number for 2^40', { dtype: 1, tensorShape: shapeOf([2 ** 20, 2 ** 20]), floatVal: [1] }, 'FORMAT_TOO_LARGE'],
    ['a negative dimension', { dtype: 1, tensorShape: shapeOf([-1]), floatVal: [1] }, 'FORMAT_CORRUPT'],
    ['strings', { dtype: 7, tensorShape: shapeOf([1]) }, 'FORMAT_UNSUPPORTED'],
  ] as const)('of %s are refused', (_name, proto, code) => {
    expect(() => tensorFromProto(proto, {})).toThrow(expect.objectContaining({ code }));
  });
});

describe('where a graph starts and ends', () => {
  const chain = [placeholder('x', [-1, 4]), node('Relu', 'a', ['x']), node('Tanh', 'b', ['a:0', '^x']), node('NoOp', 'init')];
  it('inputs are placeholders with an open batch of one, outputs what nobody reads', () => {
    const graph = load(chain);
    expect(graph.inputs).toEqual([{ name: 'x', value: 'x', shape: [1, 4], dtype: 'float32' }]);
    expect(graph.outputs).toEqual([{ name: 'b', value: 'b', shape: [1, 4], dtype: 'float32' }]);
    expect(graph.nodes.map((n) => n.sources)).toEqual([[{ name: 'a', type: 'Relu' }], [{ name: 'b', type: 'Tanh' }]]);
  });
  it('outputs that are named end it, by the names that were given', () => {
    expect(load(chain, { outputNames: ['a:0'] }).outputs).toEqual([{ name: 'a:0', value: 'a', shape: [1, 4], dtype: 'float32' }]);
  });
  it('a tensor that is no placeholder is fed, and what stands before it left out, be it what it may', () => {
    const graph = load([placeholder('wav', [], 7), node('DecodeWav', 'd', ['wav']), node('Relu', 'r', ['d:1'])], { inputShapes: { 'd:1': [1, 3] } });
    expect(graph.inputs).toEqual([{ name: 'd:1', value: 'd:1', shape: [1, 3], dtype: 'float32' }]);
    expect(opsOf(graph)).toEqual(['relu']);
  });
  it('an open dimension must be given', () => {
    const open = [placeholder('x', [-1, -1, 3]), node('Relu', 'r', ['x'])];
    expect(refusal(open)).toMatchObject({ code: 'SHAPE_UNKNOWN', where: { file: 'g.pb', tensor: 'x' } });
    expect(load(open, { inputShapes: { x: [1, 2, 3] } }).outputs[0]?.shape).toEqual([1, 2, 3]);
    expect(declaredInputs(encode('GraphDef', { node: open }), 'g.pb')).toEqual([{ name: 'x', dimensions: ['', '', 3] }]);
  });
  it('a default is a constant, unless it is fed', () => {
    const nodes = [placeholder('x', [1, 2]), constant('one', [], [1]), node('PlaceholderWithDefault', 'keep', ['one']), node('Mul', 'y', ['x', 'keep'])];
    expect(load(nodes).inputs.map((port) => port.name)).toEqual(['x']);
    expect(load(nodes, { inputShapes: { keep: [] } }).inputs.map((port) => port.name)).toEqual(['x', 'keep']);
  });
});

describe('what nodes become', () => {
  const weights = (name: string, dims: readonly number[]): NodeDef => constant(name, dims, Array.from({ length: sizeOf(dims) }, (_, i) => i - 3));
  const conv = (name: string, input: readonly string[], attributes: Attributes): NodeDef =>
    node('Conv2D', name, input, { strides: ints(1, 1, 1, 1), padding: text('SAME'), data_format: text('NHWC'), ...attributes });

  it('an unfused batch norm and its activation end in the convolution before it', () => {
    const names = ['gamma', 'beta', 'mean', 'variance'];
    const graph = load([
      placeholder('x', [1, 4, 4, 1]), weights('w', [3, 3, 1, 2]), node('Identity', 'w/read', ['w']), conv('c', ['x', 'w/read'], {}),
      ...names.map((name) => constant(name, [2], [0.5, 2])), constant('eps', [], [0.001]),
      node('Add', 'v', ['variance', 'eps']), node('Rsqrt', 'r', ['v']), node('Mul', 'm', ['r', 'gamma']), node('Mul', 'xm', ['c', 'm']),
      node('Mul', 'mm', ['mean', 'm']), node('Sub', 's', ['beta', 'mm']), node('Add', 'bn', ['xm', 's']), node('Relu6', 'y', ['bn']),
    ]);
    expect(partition(graph).nodes.map((n) => n.name)).toEqual(['MLA_0/conv2d_add_relu6_0']);
  });

  it('SAME puts the odd row and column at the end, EXPLICIT says them itself', () => {
    const of = (attributes: Attributes): unknown => load([placeholder('x', [1, 4, 4, 1]), weights('w', [2, 2, 1, 1]), conv('c', ['x', 'w'], attributes)]).nodes[0]?.attrs['pads'];
    expect(of({})).toEqual([0, 0, 1, 1]);
    expect(of({ padding: text('EXPLICIT'), explicit_paddings: ints(0, 0, 1, 2, 3, 4, 0, 0) })).toEqual([1, 3, 2, 4]);
    expect(of({ padding: text('VALID') })).toEqual([0, 0, 0, 0]);
  });

  it('channels-first and channels-last graphs give the same numbers; neither leaves a transpose in between', async () => {
    const last = load([placeholder('x', [1, 4, 4, 2]), weights('w', [3, 3, 2, 3]), conv('c', ['x', 'w'], {}), constant('b', [3], [1, 2, 3]), node('BiasAdd', 'y', ['c', 'b'])]);
    const first = load([
      placeholder('x', [1, 2, 4, 4]), weights('w', [3, 3, 2, 3]), conv('c', ['x', 'w'], { data_format: text('NCHW') }),
      constant('b', [3], [1, 2, 3]), node('BiasAdd', 'y', ['c', 'b'], { data_format: text('NCHW') }),
    ]);
    expect(opsOf(last)).toEqual(['conv2d', 'add']);
    expect(opsOf(first)).toEqual(['conv2d', 'add']);
    expect([...first.inputs, ...first.outputs].map((port) => port.toGraph)).toEqual([[0, 2, 3, 1], [0, 2, 3, 1]]);
    expect(await run(first)).toEqual(await run(last));
  });

  it('space to batch, convolution, batch to space is one dilated convolution', () => {
    const graph = load([
      placeholder('x', [1, 6, 6, 1]), list('block', [2, 2]), list('pads', [2, 2, 2, 2], [2, 2]), list('crops', [0, 0, 0, 0], [2, 2]), weights('w', [3, 3, 1, 1]),
      node('SpaceToBatchND', 's', ['x', 'block', 'pads']), conv('c', ['s', 'w'], { padding: text('VALID') }), node('BatchToSpaceND', 'y', ['c', 'block', 'crops']),
    ]);
    expect(graph.nodes.map((n) => [n.op, n.attrs['dilations'], n.attrs['pads']])).toEqual([['conv2d', [2, 2], [2, 2, 2, 2]]]);
  });

  it('what a graph computes about shapes is known at import', () => {
    const graph = load([
      placeholder('x', [1, 2, 3, 4]), node('Shape', 'shape', ['x'], { out_type: { type: 3 } }),
      list('from', [0]), list('to', [1]), list('by', [1]), node('StridedSlice', 'batch', ['shape', 'from', 'to', 'by'], { shrink_axis_mask: { i: 1 } }),
      list('rest', [-1], []), node('Pack', 'target', ['batch', 'rest'], { axis: { i: 0 } }), node('Reshape', 'y', ['x', 'target']),
    ]);
    expect(opsOf(graph)).toEqual(['reshape']);
    expect(graph.outputs[0]?.shape).toEqual([1, 24]);
  });

  it.each([
    ['x[1:3]', [1, 0], [3, 0], [1, 1], { end_mask: 2, begin_mask: 2 }, [4, 5, 6, 7, 8, 9, 10, 11], [2, 4]],
    ['x[-1]', [-1], [0], [1], { shrink_axis_mask: 1 }, [8, 9, 10, 11], [4]],
    ['x[..., 1]', [0, 1], [0, 2], [1, 1], { ellipsis_mask: 1, shrink_axis_mask: 2 }, [1, 5, 9], [3]],
    ['x[:, newaxis, 2:]', [0, 0, 2], [0, 0, 0], [1, 1, 1], { begin_mask: 1, end_mask: 5, new_axis_mask: 2 }, [2, 3, 6, 7, 10, 11], [3, 1, 2]],
    ['x[::-1, ::2]', [0, 0], [0, 0], [-1, 2], { begin_mask: 3, end_mask: 3 }, [8, 10, 4, 6, 0, 2], [3, 2]],
  ] as const)('a strided slice: %s', async (_name, begin, end, strides, masks, expected, shape) => {
    const graph = load([placeholder('x', [3, 4]), list('b', begin), list('e', end), list('s', strides),
      node('StridedSlice', 'y', ['x', 'b', 'e', 's'], Object.fromEntries(Object.entries(masks).map(([name, i]) => [name, { i }])))]);
    expect(graph.outputs[0]?.shape).toEqual(shape);
    expect(await run(graph)).toEqual(expected);
  });

  it.each([['REFLECT', [2, 1, 0, 1, 2, 3, 2]], ['SYMMETRIC', [1, 0, 0, 1, 2, 3, 3]]] as const)('padding that mirrors: %s', async (mode, expected) => {
    const graph = load([placeholder('x', [1, 4]), list('p', [0, 0, 2, 1], [2, 2]), node('MirrorPad', 'y', ['x', 'p'], { mode: text(mode) })]);
    expect(await run(graph)).toEqual(expected);
  });

  it('resizing by area averages what each new pixel covers, in parts where it covers parts', async () => {
    const graph = load([placeholder('x', [1, 3, 3, 1]), list('size', [2, 2]), node('ResizeArea', 'y', ['x', 'size'])]);
    // A new pixel covers one and a half old ones each way: (0 + 0.5 * 1 + 0.5 * 3 + 0.25 * 4) / 2.25 is the first.
    expect((await run(graph)).map((y) => Math.round(y * 9))).toEqual([12, 24, 48, 60]);
  });

  it('of a branch that is decided only the side that is taken counts, whatever the other holds', () => {
    const graph = load([
      placeholder('x', [1, 2]), node('Const', 'training', [], { value: { tensor: { dtype: 10, tensorShape: shapeOf([]), boolVal: [0] } } }),
      node('Switch', 's', ['x', 'training']), node('Unheard', 'u', ['s:1']), node('Relu', 'r', ['s']), node('Merge', 'y', ['u', 'r']),
    ]);
    expect(opsOf(graph)).toEqual(['relu']);
  });

  it('a dropout that keeps everything is nothing', () => {
    const graph = load([
      placeholder('x', [1, 2]), constant('keep', [], [1]), constant('low', [], [0]), list('shape', [1, 2]), node('RandomUniform', 'u', ['shape'], { dtype: { type: 1 } }),
      node('Mul', 'scaled', ['u', 'keep']), node('Add', 'shifted', ['scaled', 'low']), node('Add', 'sum', ['keep', 'shifted']), node('Floor', 'mask', ['sum']),
      node('RealDiv', 'd', ['x', 'keep']), node('Mul', 'y', ['d', 'mask']),
    ]);
    expect(opsOf(graph).filter((op) => op === 'opaque')).toEqual([]);
  });

  it('batch norm of a graph that was frozen in training uses the statistics of its input', async () => {
    const graph = load([placeholder('x', [1, 2, 2, 1]), constant('scale', [1], [1]), constant('offset', [1], [0]), constant('none', [0], []),
      node('FusedBatchNorm', 'y', ['x', 'scale', 'offset', 'none', 'none'], { epsilon: { f: 0 }, is_training: flag(true), data_format: text('NHWC') })]);
    const [a = 0, b = 0, c = 0, d = 0] = await run(graph);
    expect(a + d).toBeCloseTo(0, 5);
    expect([a, b, c, d].map((y) => y / d)).toEqual([-1, expect.closeTo(-1 / 3, 5), expect.closeTo(1 / 3, 5), 1]);
    expect(d).toBeCloseTo(1.5 / Math.sqrt(1.25), 4);
  });
});

describe('what is refused, naming node and operator', () => {
  it('an operator without a row, where its output is needed', () => {
    const nodes = [placeholder('x', [1, 2]), node('Unheard', 'u', ['x']), node('Relu', 'r', ['x'])];
    expect(refusal(nodes)).toMatchObject({ code: 'OPERATOR_UNSUPPORTED', where: { node: 'u' }, message: 'Unheard: this operator is not supported' });
    expect(opsOf(load(nodes, { outputNames: ['r'] }))).toEqual(['relu']);
  });
  it('circles, nodes that are not there, two of one name, tensors that are not there', () => {
    expect(refusal([placeholder('x', [1]), node('Add', 'a', ['x', 'b']), node('Relu', 'b', ['a']), node('Relu', 'y', ['b'])])).toMatchObject({ code: 'MODEL_INVALID' });
    expect(refusal([placeholder('x', [1]), node('Add', 'y', ['x', 'gone'])])).toMatchObject({ code: 'MODEL_INVALID', where: { node: 'y' } });
    expect(refusal([placeholder('x', [1]), node('Relu', 'x', ['x'])])).toMatchObject({ code: 'MODEL_INVALID', where: { node: 'x' } });
    expect(refusal([placeholder('x', [1]), node('Relu', 'y', ['x'])], { outputNames: ['z'] })).toMatchObject({ code: 'MODEL_INVALID', where: { tensor: 'z' } });
  });
  it('loops', () => {
    const loop = [placeholder('x', [1]), node('Enter', 'e', ['x']), node('NextIteration', 'n', ['r']), node('Merge', 'm', ['e', 'n']), node('Relu', 'r', ['m'])];
    expect(refusal(loop, { outputNames: ['r'] })).toMatchObject({ code: 'OPERATOR_UNSUPPORTED' });
  });
  it('shapes that would fill the memory', () => {
    expect(refusal([placeholder('x', [1, 1]), list('big', [1 << 20, 1 << 20]), constant('one', [], [1]), node('Fill', 'f', ['big', 'one']), node('Add', 'y', ['x', 'f'])]))
      .toMatchObject({ code: 'FORMAT_TOO_LARGE' });
    expect(refusal([placeholder('x', [1, 1]), list('big', [1 << 20, 1 << 20]), node('Tile', 'y', ['x', 'big'])])).toMatchObject({ where: { file: 'g.pb' } });
  });
  it('a SavedModel, saying what to do', () => {
    expect(() => importModel(Uint8Array.of(8, 1, 0x12, 0), 'saved_model.pb')).toThrow(expect.objectContaining({ code: 'FORMAT_UNSUPPORTED' }));
  });
  it('options that a format does not take', () => {
    expect(() => importModel(Uint8Array.of(1), 'm.tflite', { outputNames: ['y'] })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
