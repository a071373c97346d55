// One graph with the operators of the table that have an integer form, each on an output of its own name. A new operator comes in here, too.
import type { Graph } from '../../core/ir/index.ts';
import { graphBuilder, randomTensor } from './build.ts';

/** From x [1, 6, 6, 8] and a second activation made of it; constants are the same on every machine. */
export function everyOperator(): Graph {
  const g = graphBuilder('every');
  const activation = 'none';
  const window = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation };
  const x = g.input('x', [1, 6, 6, 8]);
  const constant = (name: string, shape: readonly number[], seed: number, spread = 0.5): string => g.constant(name, randomTensor(shape, seed, spread));
  const y = g.node('conv2d', [x, constant('w.y', [8, 3, 3, 8], 1, 0.3), constant('b.y', [8], 2)], window, 'y');
  const rows = g.node('reshape', [y], { shape: [1, 36, 8] }, 'rows');
  const outputs = [
    g.node('conv2d', [y, constant('w.grouped', [8, 3, 3, 4], 3)], { ...window, groups: 2, dilations: [2, 2], pads: [2, 2, 2, 2], strides: [2, 2] }, 'conv2d'),
    g.node('conv_transpose2d', [y, constant('w.up', [4, 3, 3, 8], 4)], { strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1], dilations: [1, 1], groups: 1, activation }, 'conv_transpose2d'),
    g.node('fully_connected', [g.node('reshape', [y], { shape: [1, 288] }, 'flat'), constant('w.dense', [5, 288], 5, 0.1), constant('b.dense', [5], 6)], { activation }, 'fully_connected'),
    g.node('batch_matmul', [rows, rows], { transposeA: false, transposeB: true }, 'batch_matmul'),
    g.node('add', [y, x], { activation }, 'add'), g.node('sub', [x, y], { activation }, 'sub'), g.node('mul', [y, x], { activation }, 'mul'),
    g.node('mul', [y, constant('factor', [8], 7)], { activation }, 'mul.constant'),
    g.node('max_pool2d', [y], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 'max_pool2d'),
    g.node('max_pool2d', [y], { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [2, 3] }, 'max_pool2d.dilated'),
    g.node('avg_pool2d', [y], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], countIncludePad: false }, 'avg_pool2d'),
    g.node('global_avg_pool2d', [y], {}, 'global_avg_pool2d'),
    g.node('mean', [y], { axes: [1], keepDims: true }, 'mean'), g.node('sum', [y], { axes: [3], keepDims: false }, 'sum'),
    g.node('resize_nearest', [y], { rows: [0, 0, 1, 1, 2, 2, 3, 3], columns: [0, 1, 2, 3, 4, 5] }, 'resize_nearest'),
    g.node('resize_bilinear', [y], { rows: [0, 0.5, 1, 1.5, 2], columns: [0.25, 1.75, 3.25, 4.75] }, 'resize_bilinear'),
    g.node('relu', [x], {}, 'relu'), g.node('clip', [x], { min: -0.5, max: 0.75 }, 'clip'),
    g.node('prelu', [y, constant('slope', [8], 8)], {}, 'prelu'),
    g.node('reshape', [x], { shape: [1, 288] }, 'reshape'), g.node('transpose', [rows], { perm: [0, 2, 1] }, 'transpose'),
    g.node('slice', [y], { starts: [0, 1, 5, 0], ends: [1, 5, -1, 8], steps: [1, 2, -1, 1] }, 'slice'),
    g.node('gather', [y], { axis: 3, indices: [7, 0, 3] }, 'gather'),
    g.node('concat', [y, x], { axis: 0 }, 'concat.batch'),
    g.node('arg_max', [y], { axis: 3, keepDims: true, last: false }, 'arg_max'), g.node('arg_min', [rows], { axis: 1, keepDims: false, last: true }, 'arg_min'),
    g.node('pad', [y], { pads: [[0, 0], [1, 2], [2, 1], [0, 0]], value: 0 }, 'pad'),
    g.node('broadcast_to', [g.node('mean', [y], { axes: [1], keepDims: true }, 'line')], { shape: [1, 6, 6, 8] }, 'broadcast_to'),
    g.node('concat', [y, x], { axis: 3 }, 'concat'), g.node('concat', [constant('edge', [1, 6, 1, 8], 11), y], { axis: 2 }, 'concat.constant'),
    g.node('softmax', [rows], { axis: 2 }, 'softmax'), g.node('softmax', [y], { axis: 1 }, 'softmax.rows'),
    g.node('layer_norm', [rows, constant('gamma', [8], 9), constant('beta', [8], 10)], { axis: 2, epsilon: 1e-5 }, 'layer_norm'),
    g.node('lrn', [y], { size: 3, alpha: 0.5, beta: 0.75, bias: 1 }, 'lrn'),
    g.node('udf', [x], { function: 'sigmoid', parameters: {} }, 'udf'),
  ];
  return g.done(...outputs);
}
