// Inputs and outputs of a graph that is built channels-last: an image's door is turned, and the port says how.
import { RequantError } from '../../errors/index.ts';
import type { Port } from '../../ir/index.ts';
import type { ElementType } from '../../tensor/tensor.ts';
import { checkShape, isRows, permuted, TO_LAST, type GraphBuild } from './build.ts';

export interface InputTensor {
  readonly tensor: string;
  /** What the caller calls it. */
  readonly name: string;
  /** In file order. */
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** Do channels-first operators read it? */
  readonly image: boolean;
}

/** Raises MODEL_INVALID for two of one name. */
export function inputPort(build: GraphBuild, { tensor, name, shape, dtype, image }: InputTensor): Port {
  const where = { file: build.file, tensor: name };
  checkShape(shape, where);
  const last = shape.length === 4 && dtype === 'float32' && image;
  if (build.entries.has(tensor) || build.names.take(tensor) !== tensor) throw new RequantError('MODEL_INVALID', 'two inputs have this name', where);
  build.values.set(tensor, { name: tensor, shape: last ? permuted(shape, TO_LAST) : shape, dtype });
  build.entries.set(tensor, { kind: 'value', name: tensor, shape, dtype, last });
  return { name, value: tensor, shape, dtype, ...(last ? { toGraph: TO_LAST } : {}) };
}

/** Raises MODEL_INVALID for a tensor that is never computed, OPERATOR_UNSUPPORTED for a constant. */
export function outputPort(build: GraphBuild, tensor: string, name = tensor): Port {
  const where = { file: build.file, tensor: name };
  const entry = build.entries.get(tensor);
  if (!entry) throw new RequantError('MODEL_INVALID', 'the output is never computed', where);
  if (entry.kind === 'constant') throw new RequantError('OPERATOR_UNSUPPORTED', 'the output does not depend on the input', where);
  const moved = entry.flattened !== undefined || isRows(entry);
  const value = moved ? build.asFile(entry, { name, type: 'Output' }) : entry.name;
  return { name, value, shape: entry.shape, dtype: entry.dtype, ...(entry.last && !moved ? { toGraph: TO_LAST } : {}) };
}
