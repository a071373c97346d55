// ONNX -> Graph: layouts, folding and refusals, on small models made here; and the structure of real ones.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOf, info, int64, node, ramp, type Small } from '../../../test/small-onnx.ts';
import { RequantError } from '../../errors/index.ts';
import { decodeModel } from '../../onnx/index.ts';
import type { Graph } from '../../ir/index.ts';
import { float32, type Tensor } from '../../tensor/tensor.ts';
import { importModel, type ImportOptions } from '../index.ts';

const small = (model: Small, options: ImportOptions = {}): Graph => importModel(bytesOf(model), 'small.onnx', options);
const ops = (graph: Graph): readonly string[] => graph.nodes.map((n) => n.op);
const refusal = (run: () => unknown): RequantError => {
  try { run(); } catch (thrown) { if (thrown instanceof RequantError) return thrown; throw thrown; }
  throw new Error('nothing was refused');
};

const conv = node('Conv', ['x', 'w'], ['c'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
const w = ramp(4, 3, 3, 3);

describe('layout', () => {
  it('an image input is converted at the door, an image output on the way out, and no node is spent on it', () => {
    const graph = small({ nodes: [conv, node('Relu', ['c'], ['y'])], constants: { w }, output: [1, 4, 8, 8] });
    expect(graph.inputs).toEqual([{ name: 'x', value: 'x', shape: [1, 3, 8, 8], dtype: 'float32', toGraph: [0, 2, 3, 1] }]);
    expect(graph.outputs).toEqual([{ name: 'y', value: 'y', shape: [1, 4, 8, 8], dtype: 'float32', toGraph: [0, 2, 3, 1] }]);
    expect(ops(graph)).toEqual(['conv2d', 'relu']);
    expect(graph.values.get('c')?.shape).toEqual([1, 8, 8, 4]);
  });

  it('convolution weights are [out, kh, kw, in] under the name that the file gives them', () => {
    const graph = small({ nodes: [conv, node('Relu', ['c'], ['y'])], constants: { w } });
    const stored = graph.constants.get('w');
    expect(stored?.shape).toEqual([4, 3, 3, 3]);
    // First pixel of the window, its three channels: 9 apart in the file.
    expect(Array.from(stored?.data as Float32Array).slice(0, 3)).toEqual([1, 10, 19]);
  });

  it('a bias of shape [C, 1, 1] beside an image becomes one number a channel', () => {
    const graph = small({ nodes: [conv, node('Add', ['c', 'b'], ['y'])], constants: { w, b: ramp(4, 1, 1) } });
    expect(ops(graph)).toEqual(['conv2d', 'add']);
    expect(graph.constants.get('b')).toMatchObject({ shape: [4], data: Float32Array.of(1, 2, 3, 4) });
  });

  it('a transpose of the file that says channels-last is no node', () => {
    const graph = small({ nodes: [conv, node('Transpose', ['c'], ['y'], { perm: [0, 2, 3, 1] })], constants: { w } });
    expect(ops(graph)).toEqual(['conv2d']);
    expect(graph.outputs[0]).toEqual({ name: 'y', value: 'c', shape: [1, 8, 8, 4], dtype: 'float32' });
  });

  it('nor is one from channels-last input to the channels-first that Conv wants', () => {
    const graph = small({ input: [1, 8, 8, 3], nodes: [node('Transpose', ['x'], ['t'], { perm: [0, 3, 1, 2] }), node('Conv', ['t', 'w'], ['y'], { kernel_shape: [3, 3] })], constants: { w } });
    expect(ops(graph)).toEqual(['conv2d']);
    expect(graph.inputs[0]?.toGraph).toBeUndefined();
  });

  it('an operator that needs the file\'s order gets one transpose, shared by all that need it', () => {
    const to = { r: int64(1, 8, 32) };
    const graph = small({ nodes: [conv, node('Reshape', ['c', 'r'], ['a']), node('Reshape', ['c', 'r'], ['b']), node('Add', ['a', 'b'], ['y'])], constants: { w, ...to } });
    expect(ops(graph).filter((op) => op === 'transpose')).toHaveLength(1);
  });

  it('channels concatenate along the last dimension', () => {
    const graph = small({ nodes: [conv, node('Concat', ['c', 'x'], ['y'], { axis: 1 })], constants: { w } });
    expect(graph.nodes[1]).toMatchObject({ op: 'concat', attrs: { axis: 3 } });
    expect(graph.values.get('y')?.shape).toEqual([1, 8, 8, 7]);
  });

  it('global pooling and flattening leave a reshape, not a transpose', () => {
    const graph = small({ nodes: [conv, node('GlobalAveragePool', ['c'], ['g']), node('Flatten', ['g'], ['y'])], constants: { w } });
    expect(ops(graph)).toEqual(['conv2d', 'global_avg_pool2d', 'reshape']);
  });
});

describe('dense layers', () => {
  it('behind a flattened image have their columns reordered, so that nothing is transposed at run time', () => {
    // 1x1 convolution with identity weights, then y = sum of column numbers where pixels are.
    const graph = small({
      input: [1, 2, 1, 2], constants: { w: float32([2, 2, 1, 1], [1, 0, 0, 1]), m: float32([4, 1], [1, 2, 3, 4]) },
      nodes: [node('Conv', ['x', 'w'], ['c']), node('Flatten', ['c'], ['f']), node('MatMul', ['f', 'm'], ['y'])],
    });
    expect(ops(graph)).toEqual(['conv2d', 'reshape', 'fully_connected']);
    // The file's order is C, W: [c0w0, c0w1, c1w0, c1w1]; the graph's W, C.
    expect(graph.constants.get('m')?.data).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  it('take alpha, beta and transB of Gemm into their constants', () => {
    const graph = small({
      input: [1, 2], constants: { b: float32([2, 1], [3, 5]), c: float32([1], [7]) },
      nodes: [node('Gemm', ['x', 'b', 'c'], ['y'], { alpha: 0.5, beta: 2.5 })],
    });
    expect(graph.nodes).toMatchObject([{ op: 'fully_connected', inputs: ['x', 'b', 'c'], attrs: { activation: 'none' } }]);
    expect(graph.constants.get('b')).toMatchObject({ shape: [1, 2], data: Float32Array.of(1.5, 2.5) });
    expect(graph.constants.get('c')?.data).toEqual(Float32Array.of(17.5));
  });
});

describe('known numbers', () => {
  it('shape arithmetic is done once: Shape, Gather, Unsqueeze, Concat and Reshape become one reshape', () => {
    const graph = small({
      constants: { w, zero: { ...int64(0), shape: [] }, minus: int64(-1), axes: int64(0) },
      nodes: [conv, node('Transpose', ['c'], ['t'], { perm: [0, 2, 3, 1] }), node('Shape', ['t'], ['s']), node('Gather', ['s', 'zero'], ['n']), node('Unsqueeze', ['n', 'axes'], ['u']),
        node('Concat', ['u', 'minus'], ['to'], { axis: 0 }), node('Reshape', ['t', 'to'], ['y'])],
    });
    expect(ops(graph)).toEqual(['conv2d', 'reshape']);
    expect(graph.values.get('y')?.shape).toEqual([1, 256]);
  });

  it('a slice to the largest int64 ends at the dimension', () => {
    const ends: Tensor = { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 63n - 1n) };
    const graph = small({ input: [1, 6], constants: { starts: int64(2), ends, axes: int64(1) }, nodes: [node('Slice', ['x', 'starts', 'ends', 'axes'], ['y'])] });
    expect(graph.nodes[0]?.attrs).toEqual({ starts: [0, 2], ends: [1, 6], steps: [1, 1] });
  });

  it('division by a constant is multiplication by its reciprocal', () => {
    const graph = small({ input: [1, 2], constants: { d: float32([], [4]) }, nodes: [node('Div', ['x', 'd'], ['y'])] });
    expect(ops(graph)).toEqual(['mul']);
    expect(graph.constants.get('d')?.data).toEqual(Float32Array.of(0.25));
  });

  it('nothing is kept that no output needs, and unsorted operators are put in order', () => {
    const graph = small({ input: [1, 2], constants: { unused: ramp(9) }, nodes: [node('Relu', ['a'], ['y']), node('Exp', ['x'], ['a']), node('NoSuchOperator', ['x'], ['dead'])] });
    expect(ops(graph)).toEqual(['udf', 'relu']);
    expect(graph.constants.size).toBe(0);
  });
});

describe('padding', () => {
  it.each([['SAME_UPPER', [0, 0, 1, 1]], ['SAME_LOWER', [1, 1, 0, 0]], ['VALID', [0, 0, 0, 0]]])('auto_pad %s becomes %j', (auto_pad, pads) => {
    const graph = small({ nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [3, 3], strides: [2, 2], auto_pad })] });
    expect(graph.nodes[0]?.attrs).toMatchObject({ pads });
  });

  it('ceil_mode becomes padding at the end', () => {
    const graph = small({ nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })] });
    expect(graph.values.get('y')?.shape).toEqual([1, 4, 4, 3]);
  });
});

describe('softmax', () => {
  it('before opset 13 normalizes everything behind its axis', () => {
    const graph = small({ input: [1, 2, 3], opset: 11, nodes: [node('Softmax', ['x'], ['y'], { axis: 1 })] });
    expect(ops(graph)).toEqual(['reshape', 'softmax', 'reshape']);
    expect(graph.nodes[1]?.attrs).toEqual({ axis: 1 });
  });
  it('from opset 13 on normalizes along its axis, the last unless told otherwise', () => {
    const graph = small({ input: [1, 2, 3], nodes: [node('Softmax', ['x'], ['y'])] });
    expect(graph.nodes[0]).toMatchObject({ op: 'softmax', attrs: { axis: 2 } });
  });
});

describe('operators that Requant does not know', () => {
  it('stay, in the file\'s order, with their attributes', () => {
    const graph = small({ nodes: [conv, node('LpNormalization', ['c'], ['y'], { axis: 1, p: 2 })], constants: { w } });
    expect(ops(graph)).toEqual(['conv2d', 'transpose', 'opaque']);
    expect(graph.nodes[2]?.attrs).toMatchObject({ type: 'LpNormalization', opset: 13, shape: [1, 4, 8, 8], attributes: { axis: { int: 1 }, p: { int: 2 } } });
  });
  it('take the shape that the file declares where no rule gives it', () => {
    const graph = small({ input: [1, 2], output: [1, 5], nodes: [node('NonsuchYet', ['x'], ['y'])] });
    expect(graph.nodes[0]).toMatchObject({ op: 'opaque', attrs: { shape: [1, 5] } });
  });
  it.each<[string, Small, readonly string[]]>([
    ['without any shape, with what reads them', { nodes: [node('Nonsuch', ['x'], ['n']), node('Exp', ['n'], ['y'])] }, ['Nonsuch', 'Exp']],
    ['of a foreign domain', { nodes: [{ ...node('FusedMatMul', ['x', 'x'], ['y']), domain: 'com.microsoft' }], output: [1, 2] }, ['FusedMatMul']],
    ['with control flow', { nodes: [node('If', ['x'], ['y'])], output: [1, 2] }, ['If']],
    ['whose meaning changed since', { nodes: [node('LogSoftmax', ['x'], ['y'])], opset: 9, output: [1, 2] }, ['LogSoftmax']],
    ['of an opset before 6', { nodes: [node('Relu', ['x'], ['y'])], opset: 5, output: [1, 2] }, ['Relu']],
  ])('%s: an island', (_, model, types) => {
    const graph = small({ input: [1, 2], ...model });
    expect(graph.nodes).toMatchObject([{ op: 'island', attrs: { types } }]);
  });
  it('of an island that the data decide the shape of are outputs, open ones', () => {
    const graph = small({ input: [1, 2], nodes: [node('Relu', ['x'], ['r']), node('NonZero', ['r'], ['z']), node('Transpose', ['z'], ['y'])], outputs: [info('y', ['found', 2], 7)] });
    expect(ops(graph)).toEqual(['relu', 'island']);
    expect(graph.outputs).toMatchObject([{ name: 'y', shape: [-1, 2], dtype: 'int64' }]);
  });
  it('around an island stay what they are, and it is kept in their midst', () => {
    const graph = small({ nodes: [conv, node('Nonsuch', ['c'], ['n']), node('Exp', ['n'], ['e']), node('Conv', ['e', 'v'], ['y'])], constants: { w, v: ramp(4, 4, 1, 1) }, declared: [info('e', [1, 4, 8, 8])] });
    expect(ops(graph)).toEqual(['conv2d', 'transpose', 'island', 'transpose', 'conv2d']);
  });
  it.each([
    ['in training mode', { nodes: [node('Dropout', ['x', '', 't'], ['y'])], constants: { t: { dtype: 'bool', shape: [], data: Uint8Array.of(1) } satisfies Tensor } }],
  ])('%s are refused by name', (_, model) => {
    const error = refusal(() => small({ input: [1, 2], ...model }));
    expect(error.code).toBe('OPERATOR_UNSUPPORTED');
    expect(error.message).toContain(model.nodes[0]?.opType);
    expect(error.where.file).toBe('small.onnx');
  });
});

describe('what no integers come of stays in float', () => {
  it('an output that no input reaches is a copy of a constant', () => {
    const graph = small({ input: [2, 7], output: [2], nodes: [node('Shape', ['x'], ['y'])] });
    expect(graph.nodes).toMatchObject([{ op: 'opaque', attrs: { type: 'Identity', shape: [2] } }]);
    expect(graph.constants.get(graph.nodes[0]?.inputs[0] ?? '')).toEqual(int64(2, 7));
    expect(graph.outputs).toMatchObject([{ name: 'y', value: 'y', shape: [2], dtype: 'int64' }]);
  });
  it('operators around an empty tensor are opaque', () => {
    const graph = small({ input: [1, 0, 4], nodes: [node('Concat', ['x', 'w'], ['c'], { axis: 1 }), node('Relu', ['c'], ['y'])], constants: { w: ramp(1, 2, 4) } });
    expect(ops(graph)).toEqual(['opaque', 'relu']);
    expect(graph.values.get('c')?.shape).toEqual([1, 2, 4]);
  });
});

describe('inputs', () => {
  const relu = [node('Relu', ['x'], ['y'])];
  it('an open first dimension is one sample', () => expect(small({ input: ['N', 7], nodes: relu }).inputs[0]?.shape).toEqual([1, 7]));
  it('another open dimension is asked for, by its name and with the option that settles it', () => {
    const error = refusal(() => small({ input: [1, 'width'], nodes: relu }));
    expect(error).toMatchObject({ code: 'SHAPE_UNKNOWN', where: { tensor: 'x' } });
    expect(error.message).toContain('width');
    expect(error.hint).toBe('Give its size: dimensions: { "width": N } or inputShapes: { "x": [1, width] }.');
  });
  it('open dimensions take their size by name or by the input\'s shape', () => {
    const model: Small = { input: ['N', 'width', 3], nodes: relu };
    expect(small(model, { dimensions: { width: 5 } }).inputs[0]?.shape).toEqual([1, 5, 3]);
    expect(small(model, { inputShapes: { x: [2, 6, 3] } }).inputs[0]?.shape).toEqual([2, 6, 3]);
    expect(small(model, { inputShapes: { x: [2, 6, 3] } }).values.get('y')?.shape).toEqual([2, 6, 3]);
  });
  it.each([
    ['a shape against what the file fixes', { inputShapes: { x: [1, 5, 4] } }],
    ['a shape of another rank', { inputShapes: { x: [1, 5] } }],
    ['a shape for no input', { inputShapes: { z: [1] } }],
    ['a name that the file does not use', { dimensions: { height: 2 } }],
    ['a size that is none', { dimensions: { width: 0.5 } }],
    ['two sizes for one dimension', { dimensions: { width: 5 }, inputShapes: { x: [1, 6, 3] } }],
  ])('%s is CONFIG_INVALID', (_, options: ImportOptions) => expect(refusal(() => small({ input: ['N', 'width', 3], nodes: relu }, options)).code).toBe('CONFIG_INVALID'));
  it('a fixed batch is run as it is', () => expect(small({ input: [16, 7], nodes: relu }).inputs[0]?.shape).toEqual([16, 7]));
});

describe('files that contradict themselves', () => {
  it.each([
    ['a cycle', { nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] }, 'MODEL_INVALID'],
    ['a tensor that nothing makes', { nodes: [node('Add', ['x', 'ghost'], ['y'])] }, 'MODEL_INVALID'],
    ['two makers of one tensor', { nodes: [node('Relu', ['x'], ['y']), node('Exp', ['x'], ['y'])] }, 'MODEL_INVALID'],
    ['an output without a maker', { nodes: [node('Relu', ['x'], ['z'])] }, 'MODEL_INVALID'],
    ['a stride of 0', { nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [0, 0] })] }, 'MODEL_INVALID'],
    ['a window larger than the image', { nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [99, 99] })] }, 'MODEL_INVALID'],
    ['channels that do not fit the weights', { nodes: [node('Conv', ['x', 'w'], ['y'])], constants: { w: ramp(4, 5, 3, 3) } }, 'MODEL_INVALID'],
    ['an axis outside', { nodes: [node('Concat', ['x', 'x'], ['y'], { axis: 7 })] }, 'MODEL_INVALID'],
    ['a permutation that is none', { nodes: [node('Transpose', ['x'], ['y'], { perm: [0, 1, 1, 3] })] }, 'MODEL_INVALID'],
    ['a weight that is no number', { nodes: [node('Mul', ['x', 'w'], ['y'])], constants: { w: float32([1], [NaN]) } }, 'MODEL_INVALID'],
    ['an opset from the future', { nodes: [node('Relu', ['x'], ['y'])], opset: 999 }, 'FORMAT_UNSUPPORTED'],
    ['a constant of 10^15 elements', { nodes: [node('ConstantOfShape', ['s'], ['k']), node('Add', ['x', 'k'], ['y'])], constants: { s: int64(100_000, 100_000, 100_000) } }, 'FORMAT_TOO_LARGE'],
    ['constants that double without end', {
      constants: { k0: ramp(1024) },
      nodes: [...Array.from({ length: 40 }, (_, i) => node('Concat', [`k${i}`, `k${i}`], [`k${i + 1}`], { axis: 0 })), node('Add', ['x', 'k40'], ['y'])],
    }, 'FORMAT_TOO_LARGE'],
    ['a division of whole numbers by zero', { constants: { a: int64(1), b: int64(0) }, nodes: [node('Div', ['a', 'b'], ['c']), node('Reshape', ['x', 'c'], ['y'])] }, 'MODEL_INVALID'],
  ] as readonly (readonly [string, Small, string])[])('%s', (_, model, code) => {
    const error = refusal(() => small(model));
    expect(error.code).toBe(code);
    expect(error.where.file).toBe('small.onnx');
  });
});

describe('weights', () => {
  it('that are no numbers are found wherever they stand, also in kernels that are not moved yet; infinite ones are numbers', () => {
    for (let length = 1; length < 10; length++) for (let at = 0; at < length; at++) {
      const multiplied = (odd: number) => () => small({ input: [1, length], nodes: [node('Mul', ['x', 'w'], ['y'])], constants: { w: float32([length], Float32Array.from({ length }, (_, i) => (i === at ? odd : i))) } });
      expect(refusal(multiplied(NaN)).where).toMatchObject({ tensor: 'w' });
      expect(multiplied(Infinity)().constants.get('w')?.data[at]).toBe(Infinity);
    }
    const kernels = Float32Array.from(ramp(4, 3, 3, 3).data as Float32Array, (value, i) => (i === 50 ? NaN : value));
    expect(refusal(() => small({ nodes: [conv, node('Relu', ['c'], ['y'])], constants: { w: float32([4, 3, 3, 3], kernels) } }))).toMatchObject({ code: 'MODEL_INVALID', where: { tensor: 'w' } });
  });

  it('of one number, made by the file, are what it says, whatever was made before', () => {
    const made = (name: string, length: number, value: number) => [node('ConstantOfShape', [`s${length}`], [name], { value: float32([1], [value]) })];
    const graph = small({
      input: [1, 6], constants: { s6: int64(6), s1: int64(1) },
      nodes: [...made('a', 1, 2), ...made('b', 6, 2), ...made('c', 1, 3), ...made('d', 6, -0), node('Mul', ['x', 'b'], ['p']), node('Mul', ['p', 'a'], ['q']), node('Add', ['q', 'c'], ['r']), node('Add', ['r', 'd'], ['y'])],
    });
    expect(['a', 'b', 'c', 'd'].map((name) => [...graph.constants.get(name)?.data ?? []])).toEqual([[2], [2, 2, 2, 2, 2, 2], [3], [-0, -0, -0, -0, -0, -0]]);
  });
});

const DATA = new URL('../../../../shared/data/', import.meta.url);
describe.skipIf(!existsSync(DATA))('real models (skipped where ../shared/data is missing)', () => {
  const structure = (path: string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const op of ops(importModel(new Uint8Array(readFileSync(new URL(path, DATA))), path))) counts[op] = (counts[op] ?? 0) + 1;
    return counts;
  };
  it.each([
    ['onnx-small/mnist.onnx', { conv2d: 2, add: 3, relu: 2, max_pool2d: 2, reshape: 1, fully_connected: 1 }],
    ['onnx-cifar10/resnet_2b.onnx', { conv2d: 6, relu: 6, add: 2, reshape: 1, fully_connected: 2 }],
    ['onnx-cifar10/cifar10_large.onnx', { conv2d: 2, relu: 4, reshape: 1, fully_connected: 3, add: 3 }],
    ['ultraface/version-RFB-320.onnx', { conv2d: 52, batch_norm: 35, relu: 37, concat: 5, add: 3, sub: 1, mul: 6, reshape: 8, softmax: 1, slice: 6, udf: 1 }],
  ])('%s has no transpose left', (path, expected) => expect(structure(path)).toEqual(expected));
});

describe('opset 6', () => {
  const old = (type: string, attributes: Parameters<typeof node>[3], b: Tensor, input = [1, 3, 8, 8]): Small => ({ input, opset: 6, nodes: [node(type, ['x', 'b'], ['y'], attributes)], constants: { b } });

  it('is read where opset 7 says the same', () => {
    expect(ops(small(old('Add', {}, ramp(1, 3, 8, 8))))).toEqual(['add']);
    expect(ops(small(old('Add', { broadcast: 1 }, ramp(8))))).toEqual(['add']);
    expect(ops(small(old('Mul', { broadcast: 1, axis: 2 }, ramp(8, 8))))).toEqual(['mul']);
    expect(ops(small(old('Mul', { broadcast: 1, axis: -1 }, ramp(8))))).toEqual(['mul']);
    expect(ops(small({ opset: 6, nodes: [node('Dropout', ['x'], ['d'], { is_test: 1 }), node('Relu', ['d'], ['y'])] }))).toEqual(['relu']);
    expect(ops(small(old('PRelu', {}, ramp(3), [1, 3])))).toEqual(['prelu']);
  });

  it.each<[string, Small]>([
    ['broadcasting along another axis', old('Add', { broadcast: 1, axis: 1 }, ramp(3))],
    ['other shapes without broadcast', old('Add', {}, ramp(8))],
    ['slopes of channels', old('PRelu', {}, ramp(3))],
    ['an operator with other attributes', { opset: 6, input: [1, 3], nodes: [node('Upsample', ['x'], ['y'])] }],
  ])('%s stays ONNX, in its own opset', (_, model) => {
    const graph = small(model);
    expect(ops(graph)).toEqual(['island']);
    expect(decodeModel(graph.constants.get(graph.nodes[0]?.inputs.at(-1) ?? '')?.data as Uint8Array).opsetImport).toEqual([{ domain: '', version: 6 }]);
  });
  it('a dropout that trains is refused', () => {
    expect(refusal(() => small({ opset: 6, nodes: [node('Dropout', ['x'], ['y'])] }))).toMatchObject({ code: 'OPERATOR_UNSUPPORTED', message: 'Dropout: it is in training mode' });
  });
});

describe('an operator of which a second output is read', () => {
  const declared = [info('v', [1, 2]), info('i', [1, 2], 7)];
  const topK = (opset: number, known = declared): Graph => small({ input: [1, 4], opset, declared: known, constants: { k: int64(2) }, nodes: [node('TopK', ['x', 'k'], ['v', 'i']), node('Cast', ['i'], ['f'], { to: 1 }), node('Add', ['v', 'f'], ['y'])] });

  it('is one opaque node with both', () => {
    expect(topK(13).nodes.find((n) => n.attrs['type'] === 'TopK')).toMatchObject({ outputs: ['v', 'i'], attrs: { shape: [1, 2], among: { at: 0, of: 2 }, further: [{ at: 1, shape: [1, 2] }] } });
  });

  it('is an island, with what reads it, where the file does not tell that output\'s shape, and in an older form', () => {
    const islands = (graph: Graph): unknown => graph.nodes.flatMap((n) => (n.op === 'island' ? [n.attrs['types']] : []));
    expect(islands(topK(13, declared.slice(0, 1)))).toEqual([['TopK', 'Cast', 'Add']]);
    expect(islands(topK(9))).toEqual([['TopK']]);
  });
});
