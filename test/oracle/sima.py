"""A stranger's executor of .sima files, written from docs/format.md and docs/numerics.md alone, in NumPy with whole numbers of 64 bits (and of any size
where 64 might not do). Reads FOLDER/model.sima and FOLDER/<i>/: the inputs of sample i by input name, and what Requant computed for every value, by
place in `values`. Prints how many values are equal, and fails at the first that is not."""
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np

RANGE = {"int8": (-128, 127), "int16": (-32768, 32767), "int32": (-(2**31), 2**31 - 1)}


def rshr(a, n):
    """Elementwise over whole numbers, n one number or one for each element of the last dimension."""
    a = np.asarray(a, dtype=object)
    n = np.broadcast_to(np.asarray(n, dtype=object), a.shape)
    one = lambda v, k: (int(v) + (1 << (int(k) - 1))) >> int(k) if k > 0 else int(v) << -int(k)
    return np.frompyfunc(one, 2, 1)(a, n) if a.size else a


def clamp(y, low, high):
    low, high = (-float("inf") if low is None else low), (float("inf") if high is None else high)
    return np.clip(y, low, high)


class Model:
    def __init__(self, path):
        archive = zipfile.ZipFile(path)
        self.json = json.loads(archive.read("model.json"))
        assert (self.json["format"], self.json["version"]) == ("requant-sima", 1)
        self.values = {value["name"]: value for value in self.json["values"]}
        self.constants = {c["name"]: np.load(io.BytesIO(archive.read(c["file"]))) for c in self.json["constants"]}

    def run(self, inputs):
        live = {}
        for port in self.json["inputs"]:
            x = inputs[port["name"]].reshape(port["shape"])
            live[port["value"]] = np.transpose(x, port["toGraph"]) if "toGraph" in port else x
        for node in self.json["nodes"]:
            (output,) = node["outputs"]
            live[output] = self.node(node, live, output)
        return live

    def node(self, node, live, output):
        call = Call(self, node, live, output)
        y = OPERATORS[node["op"]](call)
        assert list(y.shape) == call.out["shape"], (node["name"], y.shape)
        q = call.out["quantization"]
        return np.asarray(y, dtype=q["dtype"] if q else "float32")


class Call:
    def __init__(self, model, node, live, output):
        self.attrs = node["attrs"]
        self.constants = {role: model.constants[name] for role, name in node["constants"].items()}
        self.inputs = [live[name] for name in node["inputs"]]
        self.q = [model.values[name]["quantization"] for name in node["inputs"]]
        self.out = model.values[output]
        self.zy = (self.out["quantization"] or {}).get("zeroPoint")
        self.range = RANGE.get((self.out["quantization"] or {}).get("dtype"), (None, None))

    def centred(self, i=0):
        return self.inputs[i].astype(np.int64) - self.q[i]["zeroPoint"]

    def operand(self, role, index, zero):
        t = self.constants.get(role)
        return (t if t is not None else self.inputs[index]).astype(np.int64) - zero


def weighted(c, acc):
    """acc without its bias, [..., out]."""
    a = c.attrs
    acc = acc.astype(object) + c.constants["bias"].astype(object)
    if a["mode"] == "none":
        return clamp(acc, a["min"], a["max"])
    if a["mode"] == "tflite":
        acc = acc * c.constants["multiplier"].astype(object)
    return clamp(rshr(acc, c.constants["shift"]) + c.zy, a["min"], a["max"])


def conv2d(c):
    a, w = c.attrs, c.constants["weights"].astype(np.int64)
    x = c.centred()
    top, left, bottom, right = a["pads"]
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    (sh, sw), (dh, dw), groups = a["strides"], a["dilations"], a["groups"]
    outs, kh, kw, inner = w.shape
    n, oh, ow, _ = c.out["shape"]
    acc = np.zeros((n, oh, ow, outs), np.int64)
    per = outs // groups
    for g in range(groups):
        xs = x[..., g * inner:(g + 1) * inner]
        for i in range(kh):
            for j in range(kw):
                window = xs[:, i * dh:i * dh + (oh - 1) * sh + 1:sh, j * dw:j * dw + (ow - 1) * sw + 1:sw, :]
                acc[..., g * per:(g + 1) * per] += window @ w[g * per:(g + 1) * per, i, j, :].T
    return weighted(c, acc)


def fully_connected(c):
    return weighted(c, c.centred() @ c.constants["weights"].astype(np.int64).T)


def summed(sign):
    def run(c):
        a = c.attrs
        x, y = c.operand("a", 0, a["za"]), c.operand("b", 0 if "a" in c.constants else 1, a["zb"])
        return clamp(rshr(x * a["ma"] + sign * y * a["mb"], a["shift"]) + c.zy, a["min"], a["max"])
    return run


def mul(c):
    a = c.attrs
    x, y = c.operand("a", 0, a["za"]), c.operand("b", 0 if "a" in c.constants else 1, a["zb"])
    return clamp(rshr((x * y).astype(object) * a["multiplier"], a["shift"]) + c.zy, a["min"], a["max"])


def windows(c, x, kernel, strides, pads, dilations=(1, 1)):
    """Yields each output pixel with the values that lie within the input."""
    _, h, w, _ = x.shape
    _, oh, ow, _ = c.out["shape"]
    for r in range(oh):
        for k in range(ow):
            rows = [i for i in (r * strides[0] - pads[0] + t * dilations[0] for t in range(kernel[0])) if 0 <= i < h]
            columns = [j for j in (k * strides[1] - pads[1] + t * dilations[1] for t in range(kernel[1])) if 0 <= j < w]
            yield r, k, x[:, rows][:, :, columns]


def max_pool2d(c):
    a, y = c.attrs, np.zeros(c.out["shape"], np.int64)
    for r, k, seen in windows(c, c.inputs[0].astype(np.int64), a["kernel"], a["strides"], a["pads"], a.get("dilations", (1, 1))):
        y[:, r, k] = seen.max(axis=(1, 2))
    return y


def average(c, kernel, strides, pads, whole):
    y = np.zeros(c.out["shape"], np.int64)
    for r, k, seen in windows(c, c.centred(), kernel, strides, pads):
        at = (kernel[0] * kernel[1] if whole else seen.shape[1] * seen.shape[2]) - 1
        m, n = int(c.constants["multiplier"][at]), int(c.constants["shift"][at])
        y[:, r, k] = clamp(rshr(seen.sum(axis=(1, 2)) * m, n) + c.zy, *c.range)
    return y


def avg_pool2d(c):
    return average(c, c.attrs["kernel"], c.attrs["strides"], c.attrs["pads"], c.attrs["countIncludePad"])


def global_avg_pool2d(c):
    return average(c, c.inputs[0].shape[1:3], (1, 1), (0, 0, 0, 0), True)


def reduce(c):
    a = c.attrs
    total = c.centred().sum(axis=tuple(a["axes"])).reshape(c.out["shape"])
    return clamp(rshr(total * a["multiplier"], a["shift"]) + c.zy, *c.range)


def rescale(c):
    a = c.attrs
    low, high = a.get("min", c.range[0]), a.get("max", c.range[1])
    return clamp(rshr(c.centred() * a["multiplier"], a["shift"]) + c.zy, low, high)


def concat(c):
    a, parts, next_input = c.attrs, [], 0
    for i in range(len(c.inputs) + len(c.constants)):
        constant = c.constants.get(f"input{i}")
        if constant is not None:
            parts.append(constant.astype(object))
            continue
        parts.append(clamp(rshr(c.centred(next_input) * a["multipliers"][next_input], a["shifts"][next_input]) + c.zy, *c.range))
        next_input += 1
    return np.concatenate(parts, axis=a["axis"])


def softmax(c):
    a, x = c.attrs, c.inputs[0].astype(np.int64)
    entries = c.constants["table"].astype(np.int64)[x.max(axis=a["axis"], keepdims=True) - x].astype(object)
    total = entries.sum(axis=a["axis"], keepdims=True)
    m, n = a["multiplier"], a["shift"]
    above, below = (entries * m, total * (1 << n)) if n >= 0 else (entries * m * (1 << -n), total)
    return clamp((2 * above + below) // (2 * below) + c.zy, *c.range)


def udf(c):
    dtype = c.q[0]["dtype"]
    return c.constants["table"][c.inputs[0].astype(np.int64) - RANGE[dtype][0]]


def prelu(c):
    a, d = c.attrs, c.centred()
    ahead = rshr(d * a["multiplier"], a["shift"])
    behind = rshr(d * np.broadcast_to(c.constants["multiplier"].astype(np.int64), d.shape), np.broadcast_to(c.constants["shift"], d.shape))
    return clamp(np.where(d < 0, behind, ahead) + c.zy, *c.range)


def quantize(c):
    q = c.out["quantization"]
    return clamp(np.rint(c.inputs[0].astype(np.float64) / q["scale"]) + q["zeroPoint"], *c.range).astype(np.int64)


def dequantize(c):
    q = c.q[0]
    return (np.asarray(q["scale"], np.float64) * (c.inputs[0].astype(np.float64) - q["zeroPoint"])).astype(np.float32)


def slices(c):
    a = c.attrs
    return c.inputs[0][tuple(slice(s, None if e == -1 and t < 0 else e, t) for s, e, t in zip(a["starts"], a["ends"], a["steps"]))]


OPERATORS = {
    "conv2d": conv2d, "fully_connected": fully_connected, "add": summed(1), "sub": summed(-1), "mul": mul, "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d, "global_avg_pool2d": global_avg_pool2d, "mean": reduce, "sum": reduce, "relu": rescale, "clip": rescale,
    "requantize": rescale, "concat": concat, "softmax": softmax, "udf": udf, "prelu": prelu, "quantize": quantize, "dequantize": dequantize,
    "reshape": lambda c: c.inputs[0].reshape(c.attrs["shape"]), "transpose": lambda c: np.transpose(c.inputs[0], c.attrs["perm"]),
    "slice": slices, "gather": lambda c: np.take(c.inputs[0], c.attrs["indices"], axis=c.attrs["axis"]),
    "pad": lambda c: np.pad(c.inputs[0], c.attrs["pads"], constant_values=c.q[0]["zeroPoint"]),
    "resize_nearest": lambda c: c.inputs[0][:, c.attrs["rows"]][:, :, c.attrs["columns"]],
}

folder = Path(sys.argv[1])
model = Model(folder / "model.sima")
order = {value["name"]: i for i, value in enumerate(model.json["values"])}
values = elements = 0
samples = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: int(path.name))
for sample in samples:
    inputs = {port["name"]: np.load(sample / f"in{i}.npy") for i, port in enumerate(model.json["inputs"])}
    for name, found in model.run(inputs).items():
        expected = np.load(sample / f"{order[name]}.npy")
        assert found.dtype == expected.dtype and np.array_equal(found.ravel(), expected.ravel()), f"sample {sample.name}: {name} differs"
        values, elements = values + 1, elements + expected.size
print(f"{len(samples)} samples, {values} values, {elements} numbers: all equal")
