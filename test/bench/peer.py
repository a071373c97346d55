# ONNX Runtime's own calibration and quantization, for bench:calibration --peer. Arguments: folder, input, shape, pool, samples, method.
# Prints seconds and peak memory in KiB.
import sys
import time

import numpy
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

folder, name, shape, pool, samples, method = sys.argv[1:]
shape = [int(size) for size in shape.split(",")]
arrays = [numpy.fromfile(f"{folder}/{i}.f32", dtype=numpy.float32).reshape(shape) for i in range(int(pool))]


class Reader(CalibrationDataReader):
    def __init__(self):
        self.left = iter(range(int(samples)))

    def get_next(self):
        i = next(self.left, None)
        return None if i is None else {name: arrays[i % len(arrays)]}


began = time.perf_counter()
quantize_static(
    f"{folder}/model.onnx", f"{folder}/quantized.onnx", Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
    activation_type=QuantType.QInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod[method],
)
# The peak of this program alone, in KiB: that of getrusage is never below that of the process which started this one.
print(time.perf_counter() - began, next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM:')))
