"""What TensorFlow Lite's reference kernels compute of quantized models: a digest of every tensor, into tflite.json beside this file.

Run by hand, `python test/golden/tflite.py`, where tensorflow-cpu (2.21) and numpy are and ../shared/data is. Inputs are drawn by a rule that
core/engine/arrived-quantized.test.ts knows too: x' = 1664525 x + 1013904223 mod 2^32, from i + 1 on, its highest byte; odd inputs are sorted.
uint8 tensors are digested as int8, 128 lower. Interpreters keep no constants apart: what operators give is what counts.
"""
import hashlib
import json
import os
import pathlib

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent.parent.parent / 'shared' / 'data'
MODELS = [
    'mlperf-tiny-kws/dscnn_int8.tflite',
    'mlperf-tiny-ic/resnet8_int8.tflite',
    'imagenet-mobilenetv1/mobilenet_v1_0.5_160_quant.tflite',
    'imagenet-mobilenetv2/tf2_mobilenet_v2_1.0_224_ptq.tflite',
]
INPUTS = 20


def as_int8(x):
    return (x.astype(np.int16) - 128).astype(np.int8) if x.dtype == np.uint8 else x


def drawn(shape, dtype, i):
    """Stored integers of the i-th input."""
    count = int(np.prod(shape))
    state, out = i + 1, np.empty(count, np.uint8)
    for k in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        out[k] = state >> 24
    if i % 2 == 1:
        out.sort()
    return (out if dtype == np.uint8 else (out.astype(np.int16) - 128).astype(np.int8)).reshape(shape)


def digests(path):
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_REF
    net = tf.lite.Interpreter(str(path), experimental_op_resolver_type=resolver, experimental_preserve_all_tensors=True)
    net.allocate_tensors()
    given = net.get_input_details()[0]
    names = {t['index']: t['name'] for t in net.get_tensor_details()}
    made = sorted({int(t) for op in net._get_ops_details() for t in op['outputs']})
    result = {names[t]: [] for t in made}
    for i in range(INPUTS):
        net.set_tensor(given['index'], drawn(given['shape'], given['dtype'], i))
        net.invoke()
        for t in made:
            result[names[t]].append(hashlib.sha256(as_int8(net.get_tensor(t)).tobytes()).hexdigest()[:16])
    return result


if __name__ == '__main__':
    found = {model: digests(DATA / model) for model in MODELS}
    (HERE / 'tflite.json').write_text(json.dumps(found, indent=1) + '\n')
