// Memory that every sample's values are written to, made once: ONNX Runtime then neither allocates nor copies.
import { allocate, sizeOf, type NamedTensors } from '../../tensor/tensor.ts';
import type { ShapedValue } from './messages.ts';

export const spaceFor = (values: readonly ShapedValue[]): NamedTensors =>
  Object.fromEntries(values.map(({ name, shape }) => [name, { dtype: 'float32' as const, shape, data: allocate('float32', sizeOf(shape)) }]));
