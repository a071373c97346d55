"""Quantizes float.onnx in the folder given with ONNX Runtime's quantize_static, by three calibration methods, and runs the results and, where there is
one, a .tflite file on test.npy. Prints one line of JSON: top-1 in percent by column, or the outputs' PSNR against float in dB without labels.

Settings: QDQ, int8 weights with one scale a channel, int8 activations. ONNX Runtime's graph rewriting is off when the files run, so that no integer
kernel of one processor saturates sums: rounding is all that is measured."""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
labels = task.get("labels")
calibration = np.load(folder / "calibration.npy")
test = np.load(folder / "test.npy")


class Reader(CalibrationDataReader):
    def __init__(self, name):
        self.name, self.rows = name, iter(calibration)

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {self.name: row}


def session(path):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path):
    net = session(path)
    name = net.get_inputs()[0].name
    return [np.concatenate([np.asarray(y, np.float64).ravel() for y in net.run(None, {name: x})]) for x in test]


def figure(outputs, reference):
    if labels is not None:
        return 100 * float(np.mean([int(np.argmax(y)) == label for y, label in zip(outputs, labels)]))
    peak = max(float(np.abs(y).max()) for y in reference)
    error = float(np.mean([np.mean((y - r) ** 2) for y, r in zip(outputs, reference)]))
    return float(20 * np.log10(peak) - 10 * np.log10(error))


def run_tflite(path):
    import tensorflow as tf

    net = tf.lite.Interpreter(model_path=path)
    net.allocate_tensors()
    (source,), (sink, *_) = net.get_input_details(), net.get_output_details()
    scale, zero = source["quantization"]
    bounds = np.iinfo(source["dtype"])
    outputs = []
    for x in test:
        stored = np.clip(np.rint(x.reshape(source["shape"]) / scale) + zero, bounds.min, bounds.max).astype(source["dtype"])
        net.set_tensor(source["index"], stored)
        net.invoke()
        outputs.append(net.get_tensor(sink["index"]).ravel())
    return outputs


reference = run(folder / "float.onnx")
figures = {}
if labels is not None:
    figures["float"] = figure(reference, reference)
name = session(folder / "float.onnx").get_inputs()[0].name
for column, method in [("minmax", CalibrationMethod.MinMax), ("entropy", CalibrationMethod.Entropy), ("percentile", CalibrationMethod.Percentile)]:
    target = folder / f"{column}.onnx"
    try:
        quantize_static(str(folder / "float.onnx"), str(target), Reader(name), quant_format=QuantFormat.QDQ, per_channel=True,
                        weight_type=QuantType.QInt8, activation_type=QuantType.QInt8, calibrate_method=method)
        figures[column] = figure(run(target), reference)
    except Exception as error:  # a peer that refuses a network is told, and stays out of the table
        print(f"{column}: {error}", file=sys.stderr)
        figures[column] = None
if task.get("tflite"):
    figures["tflite"] = figure(run_tflite(task["tflite"]), reference)
print(json.dumps(figures))
