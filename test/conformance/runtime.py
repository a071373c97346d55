"""Which of ONNX's recorded tests ONNX Runtime's binding for Python meets, as JSON: python runtime.py FOLDER. It takes sequences, optional values and float8, which the
binding for Node does not. Needs onnx and onnxruntime."""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

QUIET = ort.SessionOptions()
QUIET.log_severity_level = 4
# As in outcome.ts: floats to 1e-3 of the largest one.
TOLERANCE = 1e-3


def read(path, type_proto):
    with open(path, "rb") as file:
        data = file.read()
    kind = type_proto.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def same(got, recorded):
    if got is None or recorded is None:
        return got is recorded
    if isinstance(recorded, list):
        return isinstance(got, list) and len(got) == len(recorded) and all(map(same, got, recorded))
    got, recorded = np.asarray(got), np.asarray(recorded)
    if got.shape != recorded.shape:
        return False
    if recorded.dtype.kind in "OSU":
        return got.astype(str).tolist() == recorded.astype(str).tolist()
    if got.dtype != recorded.dtype and recorded.dtype.name.startswith("float8"):
        got = got.view(recorded.dtype)
    whole = recorded.dtype.kind in "iub"
    got, recorded = got.astype(np.float64), recorded.astype(np.float64)
    if recorded.size == 0:
        return True
    finite = np.abs(recorded[np.isfinite(recorded)])
    allowed = 0 if whole else TOLERANCE * max(finite.max(initial=0), 1e-6)
    return bool(np.all((np.abs(got - recorded) <= allowed) | (got == recorded) | (np.isnan(got) & np.isnan(recorded))))


def fed(value, type_proto):
    if isinstance(value, np.ndarray) and value.dtype.kind in "OSU":
        return value.astype(object)
    if isinstance(value, np.ndarray) and value.dtype.name.startswith("float8"):
        return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(value.view(np.uint8), type_proto.tensor_type.elem_type)
    return value


def meets(folder):
    model = onnx.load(f"{folder}/model.onnx")
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in weights]
    session = ort.InferenceSession(f"{folder}/model.onnx", QUIET, providers=["CPUExecutionProvider"])
    feeds = {info.name: fed(read(f"{folder}/test_data_set_0/input_{i}.pb", info.type), info.type) for i, info in enumerate(inputs)}
    if any(isinstance(value, ort.OrtValue) for value in feeds.values()):
        values = {name: value if isinstance(value, ort.OrtValue) else ort.OrtValue.ortvalue_from_numpy(value) for name, value in feeds.items()}
        results = [value.numpy() for value in session.run_with_ort_values(None, values)]
    else:
        results = session.run(None, feeds)
    return all(same(got, read(f"{folder}/test_data_set_0/output_{i}.pb", info.type)) for i, (got, info) in enumerate(zip(results, model.graph.output)))


met = []
for name in sorted(os.listdir(sys.argv[1])):
    try:
        if meets(os.path.join(sys.argv[1], name)):
            met.append(name)
    except Exception:  # Whatever it can neither load, take, run nor return is not met.
        pass
json.dump({"version": ort.__version__, "met": met}, sys.stdout)
