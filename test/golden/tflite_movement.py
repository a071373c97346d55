"""The same for operators that move numbers, resize images, or convolve transposed: `python test/golden/tflite_movement.py [OPERATOR ...]` writes
tflite-movement.npz as tflite_operators.py, beside this file, writes its own.
"""
import pathlib

import numpy as np

from tflite_operators import WIDE, T, fused, image, like, main, narrow_bias, options, shaped

FILE = pathlib.Path(__file__).parent / 'tflite-movement.npz'


def numbers(values, dtype='int32', shape=None):
    values = np.asarray(values)
    return T(values.shape if shape is None else shape, dtype, data=values)


def axis_of(case, rank):
    axis = int(case.random.integers(0, rank))
    return axis, case.choice(axis, axis - rank)


def max_pool(case):
    x = image(case)
    return 'MAX_POOL_2D', [x], options(
        'Pool2D', padding=case.choice(0, 1), strideH=case.size(1, 3), strideW=case.size(1, 3), filterHeight=case.size(1, 4), filterWidth=case.size(1, 4), fusedActivationFunction=fused(case)), like(x)


def pad(case):
    x = case.activation(shaped(case))
    return 'PAD', [x, numbers(case.random.integers(0, 3, (len(x.shape), 2)))], options('Pad'), like(x)


def pad_with(case):
    x = case.activation(shaped(case))
    value = T([1], case.dtype, x.scale, x.zero, case.stored([1]))
    return 'PADV2', [x, numbers(case.random.integers(0, 3, (len(x.shape), 2))), value], options('PadV2'), like(x)


def mirror_pad(case):
    mode, x = case.choice(0, 1), case.activation(shaped(case))
    most = [d - 1 if mode == 0 else d for d in x.shape]
    return 'MIRROR_PAD', [x, numbers([[case.size(0, d), case.size(0, d)] for d in most])], options('MirrorPad', mode=mode), like(x)


def strided_slice(case):
    x = case.activation(shaped(case))
    begin, end, strides, shrink = [], [], [], 0
    for i, d in enumerate(x.shape):
        step = int(case.choice(1, 1, 2, 3, -1, -2))
        low, high = sorted(case.random.choice(d + 1, 2, replace=False).tolist())
        first, last = (low, high) if step > 0 else (high - 1, low - 1)
        if case.choice(True, False, False):
            shrink, step, last = shrink | 1 << i, 1, first + 1
        begin.append(case.choice(first, first - d))
        end.append(last if step > 0 or last >= 0 else -d - 1)
        strides.append(step)
    if shrink == 2 ** len(x.shape) - 1:
        shrink = 0
    masks = [int(case.random.integers(0, 2 ** len(x.shape))) & ~shrink for _ in range(2)]
    return 'STRIDED_SLICE', [x, numbers(begin), numbers(end), numbers(strides)], options('StridedSlice', beginMask=masks[0], endMask=masks[1], shrinkAxisMask=shrink), like(x)


def slice_of(case):
    x = case.activation(shaped(case))
    begin = [int(case.random.integers(0, d)) for d in x.shape]
    return 'SLICE', [x, numbers(begin), numbers([case.choice(-1, case.size(1, d - b)) for b, d in zip(begin, x.shape)])], options('Slice'), like(x)


def split(case):
    shape, parts = shaped(case), case.size(1, 3)
    axis, named = axis_of(case, len(shape))
    shape[axis] *= parts
    x = case.activation(shape)
    return 'SPLIT', [numbers(named, shape=[]), x], options('Split', numSplits=parts), like(x), parts


def split_by_sizes(case):
    shape, sizes = shaped(case), [case.size(1, 3) for _ in range(case.size(1, 3))]
    axis, named = axis_of(case, len(shape))
    shape[axis] = sum(sizes)
    x = case.activation(shape)
    if case.choice(True, False):
        sizes[int(case.random.integers(0, len(sizes)))] = -1
    return 'SPLIT_V', [x, numbers(sizes), numbers(named, shape=[])], options('SplitV', numSplits=len(sizes)), like(x), len(sizes)


def gather(case):
    x = case.activation(shaped(case))
    axis, named = axis_of(case, len(x.shape))
    shape = case.choice([3], [2, 2], [1])
    return 'GATHER', [x, numbers(case.random.integers(0, x.shape[axis], shape))], options('Gather', axis=named), like(x)


def transpose(case):
    x = case.activation(shaped(case))
    return 'TRANSPOSE', [x, numbers(case.random.permutation(len(x.shape)))], options('Transpose'), like(x)


def expand(case):
    x = case.activation(shaped(case))
    return 'EXPAND_DIMS', [x, numbers(axis_of(case, len(x.shape) + 1)[1], shape=[])], options('ExpandDims'), like(x)


def squeeze(case):
    x = case.activation([1, case.size(2, 4), 1, case.size(2, 4)])
    return 'SQUEEZE', [x], options('Squeeze', squeezeDims=case.choice([], [0], [2], [-2, 0])), like(x)


def blocks(op, kind):
    def make(case):
        b, (h, w, c) = case.size(1, 3), (case.size(1, 3), case.size(1, 3), case.size(1, 3))
        x = case.activation([case.size(1, 2), h * b, w * b, c] if op == 'SPACE_TO_DEPTH' else [case.size(1, 2), h, w, c * b * b])
        return op, [x], options(kind, blockSize=b), like(x)
    return make


def pack(case):
    x = case.activation(shaped(case)[-3:])
    count, (_, axis) = case.size(1, 3), axis_of(case, len(x.shape) + 1)
    return 'PACK', [x] + [case.activation(x.shape, x.scale, x.zero) for _ in range(count - 1)], options('Pack', valuesCount=count, axis=axis), like(x)


def unpack(case):
    x = case.activation(shaped(case, 2))
    axis, named = axis_of(case, len(x.shape))
    return 'UNPACK', [x], options('Unpack', num=x.shape[axis], axis=named), like(x), x.shape[axis]


def resize(op, kind):
    def make(case):
        x, corners = image(case, least=1), case.choice(True, False)
        return op, [x, numbers([case.size(1, 12), case.size(1, 12)])], options(kind, alignCorners=corners, halfPixelCenters=not corners and case.choice(True, False)), like(x)
    return make


def transposed(case):
    x, outputs, same = image(case, least=2), case.size(1, 4), case.choice(True, False)
    kernel, strides = [case.size(1, 4), case.size(1, 4)], [case.size(1, 3), case.size(1, 3)]
    size = [d * s if same else (d - 1) * s + k + int(case.random.integers(0, s)) for d, s, k in zip(x.shape[1:3], strides, kernel)]
    w = case.weights([outputs, *kernel, x.shape[3]], 0, case.choice(True, True, False))
    b = [case.bias(x, w, outputs)] if case.choice(True, False) else []
    return 'TRANSPOSE_CONV', [numbers([x.shape[0], *size, outputs]), w, x, *b], options(
        'TransposeConv', padding=0 if same else 1, strideH=strides[0], strideW=strides[1], fusedActivationFunction=case.choice(0, 0, 1, 3))


def tile(case):
    x = case.activation(shaped(case)[-3:])
    return 'TILE', [x, numbers(case.random.integers(1, 4, len(x.shape)))], options('Tile'), like(x)


def reverse(case):
    x = case.activation(shaped(case))
    return 'REVERSE_V2', [x, numbers([axis_of(case, len(x.shape))[0]])], options('ReverseV2'), like(x)


def broadcast(case):
    to = shaped(case)
    x = case.activation([d if case.choice(True, False) else 1 for d in to])
    return 'BROADCAST_TO', [x, numbers(to)], options('BroadcastTo'), like(x)


MAKERS = [
    (max_pool, WIDE, 6), (pad, WIDE, 3), (pad_with, WIDE, 3), (mirror_pad, WIDE, 3), (strided_slice, WIDE, 6), (slice_of, WIDE, 3), (split, WIDE, 3), (split_by_sizes, WIDE, 3),
    (gather, WIDE, 4), (transpose, WIDE, 3), (expand, WIDE, 2), (squeeze, WIDE, 2), (blocks('SPACE_TO_DEPTH', 'SpaceToDepth'), WIDE, 2),
    (blocks('DEPTH_TO_SPACE', 'DepthToSpace'), WIDE, 2), (tile, WIDE, 2), (reverse, WIDE, 2), (broadcast, WIDE, 2), (pack, WIDE, 3), (unpack, WIDE, 3), (resize('RESIZE_NEAREST_NEIGHBOR', 'ResizeNearestNeighbor'), WIDE, 6),
    (resize('RESIZE_BILINEAR', 'ResizeBilinear'), WIDE, 10), (transposed, WIDE, 8), (narrow_bias(transposed), ('int16',), 2),
]

if __name__ == '__main__':
    main(FILE, MAKERS)
