// The ONNX file format: what is written reads back equal, real files survive a round trip, and broken ones are refused.
import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequantError } from '../errors/index.ts';
import type { DType, Tensor } from '../tensor/tensor.ts';
import { decode, decodeModel, encode, encodeModel, tensorFromProto, tensorToProto, type GraphProto, type ModelProto, type TensorProto } from './index.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const present = existsSync(DATA);
const file = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, DATA)));
const codeOf = (run: () => unknown): string => {
  try { run(); } catch (thrown) { return thrown instanceof RequantError ? thrown.code : `not a RequantError: ${String(thrown)}`; }
  return 'nothing thrown';
};

describe('messages', () => {
  const model: ModelProto = {
    irVersion: 8, producerName: 'requant', opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name: 'g',
      node: [{ opType: 'Slice', input: ['x', ''], output: ['y'], attribute: [{ name: 'ends', type: 7, ints: [-1, 0, 300, 2 ** 40] }, { name: 'f', type: 1, f: 0.5 }, { name: 's', type: 3, s: Uint8Array.of(104, 105) }] }],
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 3 }] } } } }],
      initializer: [{ name: 'w', dims: [2], dataType: 7, int64Data: [2n ** 63n - 1n, -(2n ** 63n)] }, { name: 'u', dims: [1], dataType: 13, uint64Data: [2n ** 64n - 1n] }],
    },
  };
  it('read back as they were written, 64-bit integers exactly', () => expect(decodeModel(encodeModel(model))).toEqual(model));

  it('accept repeated numbers packed or one by one', () => {
    const oneByOne = Uint8Array.of(0x40, 1, 0x40, 2); // AttributeProto.ints = 8, varint, twice
    expect(decode('AttributeProto', oneByOne)).toEqual({ ints: [1, 2] });
    expect(decode('AttributeProto', encode('AttributeProto', { ints: [1, 2] }))).toEqual({ ints: [1, 2] });
  });

  it('skip fields that the table does not know', () => {
    const unknown = Uint8Array.of(0xa2, 0x06, 2, 9, 9); // field 100, two bytes
    expect(decode('NodeProto', Uint8Array.of(...unknown, 0x22, 1, 65))).toEqual({ opType: 'A' });
  });

  it('refuse a length that goes past the end, at any nesting', () => {
    expect(codeOf(() => decodeModel(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)))).toBe('FORMAT_CORRUPT');
    // A graph of 2 bytes whose name claims 5.
    expect(codeOf(() => decodeModel(Uint8Array.of(0x3a, 2, 0x12, 5, 1, 1, 1, 1, 1)))).toBe('FORMAT_CORRUPT');
  });

  it('refuse endless nesting', () => {
    let graph: GraphProto = {};
    for (let i = 0; i < 40; i++) graph = { node: [{ attribute: [{ g: graph }] }] };
    expect(codeOf(() => decode('GraphProto', encode('GraphProto', graph)))).toBe('FORMAT_CORRUPT');
  });

  it('refuse more objects than a model can have before they fill the memory', () => {
    const bytes = new Uint8Array(2 * ((1 << 21) + 10));
    for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x0a; // GraphProto.node, 0 bytes long
    expect(codeOf(() => decode('GraphProto', bytes))).toBe('FORMAT_TOO_LARGE');
  });

  it('turn any bytes into a message or a RequantError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['nothing thrown', 'FORMAT_CORRUPT', 'FORMAT_TOO_LARGE']).toContain(codeOf(() => decodeModel(bytes)));
    }), { numRuns: 500 });
  });
});

describe('tensors', () => {
  const tensors: Tensor[] = [
    { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -0.5, Infinity, 3e-40) },
    { dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI) },
    { dtype: 'int8', shape: [3], data: Int8Array.of(-128, 0, 127) }, { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
    { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 32767) }, { dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) },
    { dtype: 'int32', shape: [1], data: Int32Array.of(-(2 ** 31)) }, { dtype: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
    { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 63n - 1n) }, { dtype: 'uint64', shape: [], data: BigUint64Array.of(2n ** 64n - 1n) },
    { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) }, { dtype: 'float32', shape: [0, 4], data: new Float32Array() },
  ];
  it.each(tensors.map((t) => [t.dtype, t] as const))('%s round trip', (_, t) => {
    expect(tensorFromProto(decode('TensorProto', encode('TensorProto', tensorToProto(t, 'w'))))).toEqual(t);
  });

  const typed: readonly (readonly [DType, TensorProto, readonly number[]])[] = [
    ['float32', { dims: [2], dataType: 1, floatData: [1.5, -2] }, [1.5, -2]],
    ['int8', { dims: [2], dataType: 3, int32Data: [-1, 127] }, [-1, 127]],
    ['uint32', { dims: [1], dataType: 12, uint64Data: [4294967295n] }, [4294967295]],
    ['bool', { dims: [2], dataType: 9, int32Data: [1, 0] }, [1, 0]],
    // 1, -2, smallest subnormal, infinity
    ['float32', { dims: [4], dataType: 10, int32Data: [0x3c00, 0xc000, 1, 0x7c00] }, [1, -2, 2 ** -24, Infinity]],
    ['float32', { dims: [2], dataType: 16, rawData: Uint8Array.of(0x80, 0x3f, 0, 0xc0) }, [1, -2]],
  ];
  it.each(typed)('%s from its typed field', (dtype, proto, values) => {
    const t = tensorFromProto(proto);
    expect(t.dtype).toBe(dtype);
    expect(Array.from(t.data, Number)).toEqual(values);
  });

  it('are refused before allocation when the shape declares more than the file holds', () => {
    expect(codeOf(() => tensorFromProto({ dims: [2 ** 30, 2 ** 10], dataType: 1, rawData: new Uint8Array(4) }))).toBe('FORMAT_TOO_LARGE');
    expect(codeOf(() => tensorFromProto({ dims: [2 ** 40, 2 ** 40], dataType: 1, rawData: new Uint8Array(4) }))).toBe('FORMAT_CORRUPT');
    expect(codeOf(() => tensorFromProto({ dims: [-1], dataType: 1, floatData: [1] }))).toBe('FORMAT_CORRUPT');
    expect(codeOf(() => tensorFromProto({ dims: [1], dataType: 1, rawData: new Uint8Array(5) }))).toBe('FORMAT_CORRUPT');
  });

  it('in a second file, or of a type without numbers, are refused by name', () => {
    expect(codeOf(() => tensorFromProto({ name: 'w', dims: [1], dataType: 1, dataLocation: 1 }))).toBe('FORMAT_UNSUPPORTED');
    expect(codeOf(() => tensorFromProto({ name: 'w', dims: [1], dataType: 8 }))).toBe('FORMAT_UNSUPPORTED');
  });
});

describe.skipIf(!present)('real files (skipped where ../shared/data is missing)', () => {
  it.each(['onnx-small/mnist.onnx', 'onnx-cifar10/resnet_2b.onnx', 'ultraface/version-RFB-320.onnx'])('%s survives decode and encode', (path) => {
    const model = decodeModel(file(path));
    const again = decodeModel(encodeModel(model));
    expect(again.graph?.node).toEqual(model.graph?.node);
    expect(again.opsetImport).toEqual(model.opsetImport);
    // Weights byte by byte: comparing millions of elements one by one would take a minute.
    const weights = (m: ModelProto) => (m.graph?.initializer ?? []).map((t) => { const read = tensorFromProto(t); return [t.name, read.shape, Buffer.from(read.data.buffer, read.data.byteOffset, read.data.byteLength)] as const; });
    const [a, b] = [weights(model), weights(again)];
    expect(b.map(([name, shape]) => [name, shape])).toEqual(a.map(([name, shape]) => [name, shape]));
    expect(a.every(([, , bytes], i) => b[i]?.[2].equals(bytes))).toBe(true);
  });
  it('what is written loads in ONNX Runtime and gives the same answer', async () => {
    const ort = await import('onnxruntime-node');
    const original = file('onnx-small/mnist.onnx');
    const feed = { Input3: new ort.Tensor('float32', Float32Array.from({ length: 784 }, (_, i) => (i % 17) / 17), [1, 1, 28, 28]) };
    const [a, b] = await Promise.all([original, encodeModel(decodeModel(original))].map(async (bytes) => {
      const session = await ort.InferenceSession.create(bytes);
      return (await session.run(feed))['Plus214_Output_0']?.data;
    }));
    expect(b).toEqual(a);
  });
});
