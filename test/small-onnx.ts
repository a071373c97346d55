// Small ONNX models made in a test: nodes, constants, an input and an output.
import { ATTRIBUTE_TYPE, encodeModel, tensorToProto, type AttributeProto, type NodeProto, type ValueInfoProto } from '../core/onnx/index.ts';
import { float32, type Tensor } from '../core/tensor/tensor.ts';

type Attributes = Readonly<Record<string, number | string | readonly number[] | Tensor>>;
const attribute = ([name, value]: readonly [string, Attributes[string]]): AttributeProto => {
  if (typeof value === 'number') return Number.isInteger(value) ? { name, type: ATTRIBUTE_TYPE.int, i: value } : { name, type: ATTRIBUTE_TYPE.float, f: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  return 'dtype' in value ? { name, type: ATTRIBUTE_TYPE.tensor, t: tensorToProto(value, '') } : { name, type: ATTRIBUTE_TYPE.ints, ints: value };
};
export const node = (opType: string, input: readonly string[], output: readonly string[], attributes: Attributes = {}): NodeProto =>
  ({ opType, input, output, attribute: Object.entries(attributes).map(attribute) });
export const info = (name: string, shape: readonly (number | string)[], elemType = 1): ValueInfoProto =>
  ({ name, type: { tensorType: { elemType, shape: { dim: shape.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) } } } });
export const int64 = (...values: number[]): Tensor => ({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
export const ramp = (...shape: number[]): Tensor => float32(shape, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i + 1));

export interface Small {
  readonly nodes: readonly NodeProto[];
  readonly input?: readonly (number | string)[];
  readonly output?: readonly number[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly opset?: number;
  readonly declared?: readonly ValueInfoProto[];
  /** Where y is no float32, or not the only one. */
  readonly outputs?: readonly ValueInfoProto[];
}
/** A model from x to y. */
export const bytesOf = ({ nodes, input = [1, 3, 8, 8], output = [], constants = {}, opset = 13, declared = [], outputs = [info('y', output)] }: Small): Uint8Array => encodeModel({
  irVersion: 8, opsetImport: [{ domain: '', version: opset }],
  graph: { name: 'small', node: nodes, input: [info('x', input)], output: outputs, valueInfo: declared, initializer: Object.entries(constants).map(([name, t]) => tensorToProto(t, name)) },
});
