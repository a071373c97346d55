// The doors of a network: what the caller feeds is checked and brought into the graph's dimension order, and back.
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/index.ts';
import { convert, firstNonFinite, numeric, sameShape, showShape, transpose, type DType, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * Inputs by port name as inputs by value name, in graph order. Each tensor may have the file's shape or, where the file is
 * channels-first, the channels-last one; the leading batch of 1 may be left out. Numbers are copied, so that the caller may use his arrays
 * again at once. Raises SHAPE_MISMATCH, DTYPE_MISMATCH or DATA_INVALID.
 */
export function enter(ports: readonly Port[], given: NamedValues): NamedValues {
  const known = new Set(ports.map((port) => port.name));
  const stranger = Object.keys(given).find((name) => !known.has(name));
  if (stranger !== undefined) throw new RequantError('SHAPE_MISMATCH', `the model has no input of this name; it has ${[...known].join(', ')}`, { tensor: stranger });
  const out: Record<string, Tensor | StringTensor> = {};
  for (const port of ports) {
    const t = given[port.name];
    if (!t) throw new RequantError('SHAPE_MISMATCH', 'this input is missing', { tensor: port.name });
    out[port.value] = port.dtype === 'string' ? enterText(port, t) : enterNumbers(port, port.dtype, numeric(t, { tensor: port.name }));
  }
  return out;
}

const fits = ({ shape }: Tensor | StringTensor, wanted: readonly number[]): boolean => sameShape(shape, wanted) || (wanted[0] === 1 && sameShape(shape, wanted.slice(1)));
const misfit = (port: Port, t: Tensor | StringTensor, other?: readonly number[]): RequantError =>
  new RequantError('SHAPE_MISMATCH', `the model takes ${showShape(port.shape)}${other ? ` or ${showShape(other)}` : ''}, not ${showShape(t.shape)}`, { tensor: port.name });

function enterText(port: Port, t: Tensor | StringTensor): StringTensor {
  const where = { tensor: port.name };
  if (t.dtype !== 'string' || t.data.some((text) => typeof text !== 'string')) throw new RequantError('DTYPE_MISMATCH', `the model takes strings, not ${t.dtype}`, where);
  if (!fits(t, port.shape)) throw misfit(port, t);
  return { ...t, shape: port.shape, data: [...t.data] };
}

function enterNumbers(port: Port, dtype: DType, t: Tensor): Tensor {
  const inner = port.toGraph?.map((p) => port.shape[p] ?? 0);
  const typed = dtype === t.dtype ? { ...t, data: t.data.slice() } : convert(t, dtype);
  const bad = firstNonFinite(typed);
  if (bad) throw new RequantError('DATA_INVALID', `element ${bad[0]} is ${bad[1]}`, { tensor: port.name });
  if (fits(t, port.shape)) {
    const whole = { ...typed, shape: port.shape };
    return port.toGraph ? transpose(whole, port.toGraph) : whole;
  }
  if (inner && fits(t, inner)) return { ...typed, shape: inner };
  throw misfit(port, t, inner);
}

/** Values in graph order as outputs by port name, in the file's dimension order. */
export function leave(ports: readonly Port[], values: NamedValues): NamedValues {
  const out: Record<string, Tensor | StringTensor> = {};
  for (const port of ports) {
    const t = values[port.value];
    if (!t) throw new RequantError('INTERNAL', 'the output was not computed', { tensor: port.name });
    const back = port.toGraph && invert(port.toGraph);
    out[port.name] = back ? transpose(numeric(t, { tensor: port.name }), back) : t;
  }
  return out;
}

function invert(permutation: readonly number[]): readonly number[] {
  const out = new Array<number>(permutation.length).fill(0);
  permutation.forEach((from, to) => { out[from] = to; });
  return out;
}
