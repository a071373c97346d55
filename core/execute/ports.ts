// The doors of a network: what the caller feeds is checked and brought into the graph's dimension order, and back.
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/index.ts';
import { convert, firstNonFinite, sameShape, showShape, transpose, type NamedTensors, type Tensor } from '../tensor/tensor.ts';

/**
 * Inputs by port name as inputs by value name, in graph order. Each tensor may have the file's shape or, where the file is
 * channels-first, the channels-last one; the leading batch of 1 may be left out. Numbers are copied, so that the caller may use his arrays
 * again at once. Raises SHAPE_MISMATCH or DATA_INVALID.
 */
export function enter(ports: readonly Port[], given: NamedTensors): NamedTensors {
  const known = new Set(ports.map((port) => port.name));
  const stranger = Object.keys(given).find((name) => !known.has(name));
  if (stranger !== undefined) throw new RequantError('SHAPE_MISMATCH', `the model has no input of this name; it has ${[...known].join(', ')}`, { tensor: stranger });
  const out: Record<string, Tensor> = {};
  for (const port of ports) {
    const t = given[port.name];
    if (!t) throw new RequantError('SHAPE_MISMATCH', 'this input is missing', { tensor: port.name });
    out[port.value] = enterOne(port, t);
  }
  return out;
}

function enterOne(port: Port, t: Tensor): Tensor {
  const inner = port.toGraph?.map((p) => port.shape[p] ?? 0);
  const typed = port.dtype === t.dtype ? { ...t, data: t.data.slice() } : convert(t, port.dtype);
  const bad = firstNonFinite(typed);
  if (bad) throw new RequantError('DATA_INVALID', `element ${bad[0]} is ${bad[1]}`, { tensor: port.name });
  const fits = (shape: readonly number[]): boolean => sameShape(t.shape, shape) || (shape[0] === 1 && sameShape(t.shape, shape.slice(1)));
  if (fits(port.shape)) {
    const whole = { ...typed, shape: port.shape };
    return port.toGraph ? transpose(whole, port.toGraph) : whole;
  }
  if (inner && fits(inner)) return { ...typed, shape: inner };
  throw new RequantError('SHAPE_MISMATCH', `the model takes ${showShape(port.shape)}${inner ? ` or ${showShape(inner)}` : ''}, not ${showShape(t.shape)}`, { tensor: port.name });
}

/** Values in graph order as outputs by port name, in the file's dimension order. */
export function leave(ports: readonly Port[], values: NamedTensors): NamedTensors {
  const out: Record<string, Tensor> = {};
  for (const port of ports) {
    const t = values[port.value];
    if (!t) throw new RequantError('INTERNAL', 'the output was not computed', { tensor: port.name });
    const back = port.toGraph && invert(port.toGraph);
    out[port.name] = back ? transpose(t, back) : t;
  }
  return out;
}

function invert(permutation: readonly number[]): readonly number[] {
  const out = new Array<number>(permutation.length).fill(0);
  permutation.forEach((from, to) => { out[from] = to; });
  return out;
}
