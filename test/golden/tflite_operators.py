"""One-operator quantized TFLite models with random scales, zero points and shapes, and what TensorFlow Lite's reference kernels make of them.

Run by hand, `python test/golden/tflite_operators.py [OPERATOR ...]`, where tensorflow-cpu (2.21) and numpy are. Writes tflite-operators.npz beside this file; with
names, only those operators' cases are made anew. Of each case it holds the model's bytes and the integers of its inputs and outputs:
`CASE/model`, `CASE/x0` ..., `CASE/y0` ... An output's scale comes from the range that the same operator has in float32, times a factor that is sometimes extreme.
A model that TensorFlow Lite refuses is held as `CASE/refused`, one an operator and type.
"""
import os
import pathlib
import sys
import zlib

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import flatbuffers
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

FILE = pathlib.Path(__file__).parent / 'tflite-operators.npz'
TYPES = {'float32': 0, 'int32': 2, 'uint8': 3, 'int64': 4, 'int16': 7, 'int8': 9}
REFERENCE = tf.lite.experimental.OpResolverType.BUILTIN_REF


class T:
    """A tensor: stored integers with a scale where `scale` is given; `data` where it is constant. `axis`: of scales that are one a channel."""

    def __init__(self, shape, dtype, scale=None, zero=0, data=None, axis=0):
        self.shape, self.dtype, self.axis = list(shape), dtype, axis
        self.scale = None if scale is None else np.atleast_1d(np.float32(scale))
        self.zero = None if self.scale is None else np.broadcast_to(np.int64(zero), self.scale.shape)
        self.data = None if data is None else np.asarray(data, dtype).reshape(self.shape)

    def real(self, stored):
        """What stored integers stand for, as float32; whole numbers without a scale are themselves."""
        if self.scale is None:
            return stored
        spread = [-1 if i == self.axis else 1 for i in range(len(self.shape))] if self.scale.size > 1 else []
        return ((stored.astype(np.float64) - self.zero.reshape(spread)) * self.scale.astype(np.float64).reshape(spread)).astype(np.float32)

    def in_float(self):
        return T(self.shape, self.dtype if self.scale is None else 'float32', data=None if self.data is None else self.real(self.data))


def model_bytes(op, inputs, outputs, options):
    """A model of one operator; constants are among the inputs, None is an absent one."""
    model = schema.ModelT()
    model.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, op)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = {'FULLY_CONNECTED': 4, 'BROADCAST_TO': 2}.get(op, 1)
    model.operatorCodes = [code]
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs = [], [], []
    node = schema.OperatorT()
    node.opcodeIndex, node.inputs, node.outputs = 0, [], []

    def place(t, name):
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.name, tensor.buffer = t.shape, TYPES[t.dtype], name, 0
        if t.scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = t.scale, t.zero
            tensor.quantization.quantizedDimension = t.axis
        if t.data is not None:
            tensor.buffer = len(model.buffers)
            model.buffers.append(schema.BufferT())
            model.buffers[-1].data = np.frombuffer(t.data.tobytes(), np.uint8)
        graph.tensors.append(tensor)
        return len(graph.tensors) - 1

    for i, t in enumerate(inputs):
        node.inputs.append(-1 if t is None else place(t, f'in{i}'))
        if t is not None and t.data is None:
            graph.inputs.append(node.inputs[-1])
    for i, t in enumerate(outputs):
        node.outputs.append(place(t, f'out{i}'))
        graph.outputs.append(node.outputs[-1])
    if options is not None:
        node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        node.builtinOptions = options
    graph.operators = [node]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b'TFL3')
    return bytes(builder.Output())


def run(content, given):
    net = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=REFERENCE)
    net.allocate_tensors()
    for detail, x in zip(net.get_input_details(), given):
        net.set_tensor(detail['index'], x)
    net.invoke()
    return [net.get_tensor(detail['index']) for detail in net.get_output_details()]


def bounds(dtype):
    info = np.iinfo(dtype)
    return info.min, info.max


class Case:
    """Draws what a case needs; everything follows from its name."""

    def __init__(self, name, dtype):
        self.random, self.dtype = np.random.default_rng(zlib.crc32(name.encode())), dtype

    def scale(self, low=-8, high=-2):
        return np.float32(2 ** self.random.uniform(low, high))

    def zero(self):
        low, high = bounds(self.dtype)
        return 0 if self.dtype == 'int16' else int(self.random.choice([low, high, self.random.integers(low, high + 1), self.random.integers(low, high + 1)]))

    def size(self, low=1, high=7):
        return int(self.random.integers(low, high + 1))

    def choice(self, *of):
        return of[self.random.integers(len(of))]

    def activation(self, shape, scale=None, zero=None):
        return T(shape, self.dtype, self.scale() if scale is None else scale, self.zero() if zero is None else zero)

    def stored(self, shape, dtype=None):
        """Integers of which a quarter lie at the ends of the range."""
        low, high = bounds(dtype or self.dtype)
        x = self.random.integers(low, high + 1, shape)
        return np.where(self.random.random(shape) < 0.25, self.random.choice([low, high, high - 1], shape), x).astype(dtype or self.dtype)

    def constant(self, shape, scale=None, zero=None):
        return T(shape, self.dtype, self.scale() if scale is None else scale, self.zero() if zero is None else zero, self.stored(shape))

    def weights(self, shape, axis, per_channel=True):
        """int8 without zero point, one scale a channel or one for all; uint8 with a zero point."""
        if self.dtype == 'uint8':
            return T(shape, 'uint8', self.scale(-9, -3), int(self.random.integers(90, 160)), self.stored(shape, 'uint8'), axis)
        scale = 2 ** self.random.uniform(-10, -4, shape[axis]) if per_channel else self.scale(-9, -3)
        return T(shape, 'int8', scale, 0, np.maximum(self.stored(shape, 'int8'), -127), axis)

    def bias(self, x, w, channels, dtype=None):
        scale = x.scale * w.scale
        return T([channels], dtype or ('int64' if self.dtype == 'int16' else 'int32'), scale, 0, self.random.integers(-3000, 3000, channels))


def options(kind, **fields):
    made = getattr(schema, f'{kind}OptionsT')()
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def fused(case):
    return case.choice(0, 0, 1, 2, 3)


def image(case, channels=None, least=4):
    return case.activation([case.size(1, 2), case.size(least, 8), case.size(least, 8), channels or case.size(1, 5)])


def convolution(case):
    x, outputs = image(case), case.size(1, 5)
    kernel = [case.size(1, 3), case.size(1, 3)]
    w = case.weights([outputs, *kernel, x.shape[3]], 0, case.choice(True, True, False))
    return 'CONV_2D', [x, w, case.bias(x, w, outputs)], options(
        'Conv2D', padding=case.choice(0, 1), strideH=case.size(1, 2), strideW=case.size(1, 2), dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=fused(case))


def depthwise(case):
    x, times = image(case), case.size(1, 3)
    w = case.weights([1, case.size(1, 3), case.size(1, 3), x.shape[3] * times], 3, case.choice(True, True, False))
    return 'DEPTHWISE_CONV_2D', [x, w, case.bias(x, w, w.shape[3])], options(
        'DepthwiseConv2D', padding=case.choice(0, 1), strideH=(s := case.size(1, 2)), strideW=s, depthMultiplier=times, dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=fused(case))


def narrow_bias(make):
    """The same with a bias of int32 beside activations of int16."""
    def changed(case):
        case.bias = lambda x, w, channels: Case.bias(case, x, w, channels, 'int32')
        inputs = []
        while not any(t is not None and t.dtype == 'int32' and t.scale is not None for t in inputs):
            op, inputs, opts = make(case)
        if hasattr(opts, 'quantizedBiasType'):
            opts.quantizedBiasType = TYPES['int32']
        return op, inputs, opts
    return changed


def dense(case):
    depth, outputs, keep = case.size(4, 20), case.size(3, 8), case.choice(False, True)
    x = case.activation([case.size(2, 4), case.size(2, 3), depth] if keep or case.choice(True, False) else [case.size(3, 8), depth])
    w = case.weights([outputs, depth], 0, case.choice(True, False))
    return 'FULLY_CONNECTED', [x, w, case.bias(x, w, outputs) if case.choice(True, True, False) else None], options('FullyConnected', keepNumDims=keep, fusedActivationFunction=fused(case))


def shaped(case, least=1):
    return [case.size(2, 3), case.size(2, 6), case.size(2, 6), case.size(3, 7)][-case.size(least, 4):]


def beside(case, shape):
    """A shape that broadcasts with `shape`: the same, its last dimensions, or some of them 1."""
    return case.choice(shape, shape, shape[1:], [d if case.choice(True, False) else 1 for d in shape], [1])


def binary(op, kind):
    def make(case):
        shape = shaped(case)
        a, b = case.activation(shape), case.choice(case.activation, case.activation, case.constant)(beside(case, shape))
        return op, case.choice([a, b], [a, b], [b, a]), options(kind, fusedActivationFunction=fused(case)) if kind != 'MaximumMinimum' else options(kind), free
    return make


def powers_of_two(op, kind):
    """int16 with scales that are powers of two, with the option that asks for shifts or without; one operand has the output's scale."""
    def make(case):
        shape, (e, n) = shaped(case), (case.size(6, 12), case.size(0, 4))
        a, b = case.activation(shape, 2.0 ** -e), case.choice(case.activation, case.activation, case.constant)(shape, 2.0 ** -(e + n))
        return op, case.choice([a, b], [b, a]), options(kind, fusedActivationFunction=fused(case), potScaleInt16=case.choice(True, False)), stored_as(2.0 ** -e, 0)
    return make


def extreme_of_two(op):
    def make(case):
        op_, (a, b), opts, _ = binary(op, 'MaximumMinimum')(case)
        b.scale, b.zero = a.scale, a.zero
        return op_, [a, b], opts, like(a)
    return make


def unary(op, kind=None, settled=None, low=-8, high=-2, **fields):
    def make(case):
        given = {name: float(np.float32(case.random.uniform(*value))) if isinstance(value, tuple) else value for name, value in fields.items()}
        return op, [case.activation([40], case.scale(low, high))], options(kind, **given) if kind else None, settled(case) if settled else free
    return make


def prelu(case):
    x = case.activation([case.size(1, 2), case.size(2, 4), case.size(2, 4), case.size(2, 6)])
    slope = case.choice([1, 1, x.shape[3]], x.shape[1:], [1, 1, 1], x.shape)
    return 'PRELU', [x, case.constant(slope)], None


def concatenation(case):
    shape, axis = shaped(case, 2), 0
    axis = int(case.random.integers(0, len(shape)))
    first = case.activation(shape)
    others = []
    for _ in range(case.size(1, 3)):
        size = [case.size(1, 5) if i == axis else d for i, d in enumerate(shape)]
        other = case.choice(case.activation, case.activation, case.constant)(size)
        if case.dtype != 'uint8' or case.choice(True, False):
            other.scale, other.zero = first.scale, first.zero
        others.append(other)
    kept = like(first) if case.dtype != 'uint8' or case.choice(True, False) else free
    return 'CONCATENATION', [first, *others], options('Concatenation', axis=case.choice(axis, axis - len(shape)), fusedActivationFunction=0), kept


def axes_of(case, rank):
    axes = [i for i in range(rank) if case.choice(True, False)] or [int(case.random.integers(0, rank))]
    return T([len(axes)], 'int32', data=[case.choice(a, a - rank) for a in axes])


def reduction(op, changes=True):
    def make(case):
        x = case.activation(shaped(case, 2))
        return op, [x, axes_of(case, len(x.shape))], options('Reducer', keepDims=case.choice(True, False)), free if changes else like(x)
    return make


def position(op, kind):
    def make(case):
        x = case.activation(shaped(case, 2))
        return op, [x, T([], 'int32', data=int(case.random.integers(-len(x.shape), len(x.shape))))], options(kind, outputType=2), lambda y: T(y.shape, 'int32')
    return make


def matmul(case):
    batch, rows, inner, columns = [case.size(1, 3), case.size(1, 3)][:case.size(0, 2)], case.size(2, 5), case.size(2, 12), case.size(2, 5)
    x, y = case.choice(False, True), case.choice(False, True)
    a = case.activation([*batch, *([inner, rows] if x else [rows, inner])])
    matrix = [columns, inner] if y else [inner, columns]
    # The kernel (2.21) reads past a constant that is repeated, and past a matrix that is repeated over two dimensions.
    b = case.constant([*batch, *matrix]) if case.choice(True, False, False) else case.activation([*case.choice(batch, [1] * len(batch) if len(batch) < 2 else batch), *matrix])
    return 'BATCH_MATMUL', [a, b], options('BatchMatMul', adjX=x, adjY=y)


def average_pool(case):
    x = image(case)
    return 'AVERAGE_POOL_2D', [x], options(
        'Pool2D', padding=case.choice(0, 1), strideH=case.size(1, 3), strideW=case.size(1, 3), filterHeight=case.size(1, 4), filterWidth=case.size(1, 4), fusedActivationFunction=fused(case)), like(x)


free = None


def like(x):
    return lambda y: T(y.shape, x.dtype, x.scale, x.zero)


def stored_as(scale, zero):
    return lambda y: T(y.shape, y.dtype, scale, zero)


def image_mean(case):
    x = image(case)
    return 'MEAN', [x, T([2], 'int32', data=case.choice([1, 2], [2, 1], [-2, -3]))], options('Reducer', keepDims=case.choice(True, False))


def requantize(case):
    return 'QUANTIZE', [case.activation([case.size(1, 5), case.size(1, 30)])], options('Quantize')


def from_float(case):
    return 'QUANTIZE', [T([case.size(1, 5), case.size(1, 30)], 'float32')], options('Quantize')


def to_float(case):
    return 'DEQUANTIZE', [case.activation([case.size(1, 5), case.size(1, 30)])], options('Dequantize'), lambda y: T(y.shape, 'float32')


def requantize_to(dtype):
    """To another type, whose scale may clip."""
    def make(case):
        x, to = case.activation([case.size(1, 5), case.size(1, 30)]), Case('', dtype)
        to.random = case.random
        scale, zero = float(x.scale[0]) * 2 ** (8 * (case.dtype == 'int16') - 8 * (dtype == 'int16')) * case.choice(1, 1.2, 0.6, 4), to.zero()
        return 'QUANTIZE', [x], options('Quantize'), lambda y: T(y.shape, dtype, scale, zero)
    return make


def reshape(case):
    a, b, c = case.size(), case.size(), case.size()
    x = case.activation([a, b, c])
    return 'RESHAPE', [x, T([2], 'int32', data=[-1, a * b])], options('Reshape', newShape=[-1, a * b]), like(x)


def softmax(case):
    x = case.activation([case.size(1, 4), case.size(2, 30)], case.scale(-7, 0))
    return 'SOFTMAX', [x], options('Softmax', beta=1.0), stored_as(*SHARE[case.dtype])


def sharpened_softmax(case):
    x = case.activation([case.size(1, 4), case.size(2, 30)], case.scale(-7, 0))
    return 'SOFTMAX', [x], options('Softmax', beta=float(np.float32(2 ** case.random.uniform(-2, 2)))), stored_as(*SHARE[case.dtype])


def squared_difference(case):
    shape = shaped(case)
    return 'SQUARED_DIFFERENCE', [case.activation(shape), case.choice(case.activation, case.constant)(beside(case, shape))], options('SquaredDifference')


# A maker gives operator, inputs and options, and where the output's storage is not free, a function from a tensor to what it has to be.
EIGHT = ('int8', 'uint8')
WIDE = (*EIGHT, 'int16')
SHARE = {'int8': (1 / 256, -128), 'uint8': (1 / 256, 0), 'int16': (1 / 32768, 0)}
SIGNED_SHARE = {'int8': (1 / 128, 0), 'uint8': (1 / 128, 128), 'int16': (1 / 32768, 0)}
MAKERS = [
    (convolution, WIDE, 6), (depthwise, WIDE, 6), (dense, WIDE, 8), (matmul, ('int8', 'int16'), 8), (average_pool, WIDE, 6), (image_mean, WIDE, 4),
    (binary('ADD', 'Add'), WIDE, 6), (binary('SUB', 'Sub'), WIDE, 6), (binary('MUL', 'Mul'), WIDE, 6), (extreme_of_two('MAXIMUM'), WIDE, 4), (extreme_of_two('MINIMUM'), WIDE, 4),
    (concatenation, WIDE, 6), (reduction('MEAN'), WIDE, 6), (reduction('SUM'), WIDE, 6), (reduction('REDUCE_MAX', False), WIDE, 3), (reduction('REDUCE_MIN', False), WIDE, 3),
    (position('ARG_MAX', 'ArgMax'), WIDE, 3), (position('ARG_MIN', 'ArgMin'), WIDE, 3), (requantize, WIDE, 4), (reshape, WIDE, 1), (softmax, WIDE, 4), (prelu, WIDE, 5),
    (unary('LOGISTIC', None, lambda case: stored_as(*SHARE[case.dtype]), -8, 0), WIDE, 4), (unary('TANH', None, lambda case: stored_as(*SIGNED_SHARE[case.dtype]), -8, 0), WIDE, 4),
    (unary('HARD_SWISH', 'HardSwish'), WIDE, 6), (unary('LEAKY_RELU', 'LeakyRelu', alpha=(-0.3, 1.5)), WIDE, 5), (unary('RELU'), WIDE, 4), (unary('RELU6'), WIDE, 4),
    (unary('RELU_N1_TO_1'), WIDE, 3), (unary('RELU_0_TO_1'), WIDE, 3), (unary('EXP', 'Exp', None, -8, -5), EIGHT, 4), (unary('EXP', 'Exp', None, -16, -13), ('int16',), 4),
    (narrow_bias(convolution), ('int16',), 2), (narrow_bias(depthwise), ('int16',), 2), (narrow_bias(dense), ('int16',), 2),
    (powers_of_two('ADD', 'Add'), ('int16',), 6), (powers_of_two('SUB', 'Sub'), ('int16',), 6), (sharpened_softmax, WIDE, 3),
    (from_float, WIDE, 2), (to_float, WIDE, 2), (requantize_to('int16'), EIGHT, 2), (requantize_to('int8'), ('uint8', 'int16'), 2), (requantize_to('uint8'), ('int8', 'int16'), 2), (squared_difference, ('uint8', 'int16'), 1),
    (unary('ABS', 'Abs'), WIDE, 3),
    (unary('LOG'), ('int8', 'int16'), 4), (unary('GELU', 'Gelu', approximate=False), WIDE, 3), (unary('GELU', 'Gelu', approximate=True), WIDE, 2),
]


class Refused(Exception):
    """TensorFlow Lite does not run a model, which goes with its words."""

    def __init__(self, content, error):
        super().__init__(str(error).splitlines()[0])
        self.content = content


def lowered(op, inputs, outputs, opts, given):
    unsigned = [t if t.scale is None else T(t.shape, 'uint8', t.scale, t.zero + 128) for t in [*inputs, *outputs]]
    content = model_bytes(op, unsigned[:len(inputs)], unsigned[len(inputs):], opts)
    return [(y.astype(np.int16) - 128).astype(np.int8) for y in run(content, [(x.astype(np.int16) + 128).astype(np.uint8) for x in given])]


def made(maker, dtype, name):
    case = Case(name, dtype)
    op, inputs, opts, *settled = maker(case)
    count = settled[1] if len(settled) > 1 else 1
    activations = [t for t in inputs if t is not None and t.data is None]
    given = [case.random.normal(0, 2, t.shape).astype(np.float32) if t.dtype == 'float32' else case.stored(t.shape, t.dtype) for t in activations]
    real = [None if t is None else t.in_float() for t in inputs]
    # A quantized tensor is stored anew: nothing happens to the numbers.
    answers = [t.real(x) for t, x in zip(activations, given)] if op in ('QUANTIZE', 'DEQUANTIZE') else run(model_bytes(op, real, [T([], 'float32') for _ in range(count)], opts), [t.real(x) for t, x in zip(activations, given)])
    outputs = []
    for y in answers:
        within = y[np.isfinite(y)]
        low, high = min(0, float(within.min(initial=0))), max(0, float(within.max(initial=0)))
        levels = 65535 if dtype == 'int16' else 255
        scale = max((max(-low, high) * 2 if dtype == 'int16' else high - low) / levels, 1e-3) * case.choice(1, 1, 1.2, 0.6, 0.1, 4)
        zero = 0 if dtype == 'int16' else int(np.clip(round(-low / scale), 0, 255)) + (-128 if dtype == 'int8' else 0)
        free = T(y.shape, dtype, scale, zero)
        outputs.append(settled[0](free) if settled and settled[0] else free)
    content = model_bytes(op, inputs, outputs, opts)
    arrays = {f'{name}/model': np.frombuffer(content, np.uint8)}
    arrays.update({f'{name}/x{i}': x for i, x in enumerate(given)})
    # The reference kernel of SUM reads int8 as if it were uint8 (2.21); what it does with the same numbers as uint8 is what it means to do. Of int16 it reads every
    # byte as a number, and so does that of PRELU.
    if (op, dtype) in (('SUM', 'int16'), ('PRELU', 'int16')):
        raise Refused(content, 'its kernel reads bytes')
    try:
        answers = lowered(op, inputs, outputs, opts, given) if (op, dtype) == ('SUM', 'int8') else run(content, given)
    except (RuntimeError, ValueError) as error:
        raise Refused(content, error) from error
    arrays.update({f'{name}/y{i}': y for i, y in enumerate(answers)})
    return op, arrays


def main(file, makers):
    wanted = sys.argv[1:]
    found = dict(np.load(file)) if wanted and file.exists() else {}
    found = {key: value for key, value in found.items() if key.split(' ')[0] not in wanted}
    counted = {}
    for make, dtypes, count in makers:
        for dtype in dtypes:
            op = make(Case('', dtype))[0]
            if wanted and op not in wanted:
                continue
            for _ in range(count):
                i = counted[op, dtype] = counted.get((op, dtype), -1) + 1
                name = f'{op} {dtype} {i}'
                try:
                    found.update(made(make, dtype, name)[1])
                except Refused as refusal:
                    print(f'{name}: TensorFlow Lite refuses it:', refusal)
                    if not any(key.startswith(f'{op} {dtype} ') and key.endswith('/refused') for key in found):
                        found[f'{name}/refused'] = np.frombuffer(refusal.content, np.uint8)
    np.savez_compressed(file, **dict(sorted(found.items())))
    print(f'{len({key.split("/")[0] for key in found})} cases, {file.stat().st_size} bytes')


if __name__ == '__main__':
    main(FILE, MAKERS)
