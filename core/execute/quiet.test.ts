// Runs into the caller's memory: the same values, nothing returned that the caller did not give, and errors as ever.
import { afterAll, describe, expect, test } from 'vitest';
import { randomTensor, smallNetwork } from '../../test/graphs/build.ts';
import { allocate, sizeOf, type NamedTensors } from '../tensor/tensor.ts';
import { createFloatSession } from './index.ts';
import { runQuietly } from './quiet.ts';

const graph = smallNetwork();
const names = [...graph.values.keys()];
const session = await createFloatSession(graph, names);
afterAll(() => session.release());
const room = (): NamedTensors => Object.fromEntries(names.map((name) => {
  const { shape } = graph.values.get(name) ?? { shape: [] };
  return [name, { dtype: 'float32', shape, data: allocate('float32', sizeOf(shape)) }] as const;
}));

describe('a run into the memory of the caller', () => {
  test('writes there what other runs return, sample after sample', async () => {
    const into = room();
    for (const seed of [1, 2]) {
      const inputs = { x: randomTensor([1, 8, 8, 3], seed) };
      expect(await session.run(inputs, into)).toBe(into);
      expect(into).toEqual(await session.run(inputs));
    }
  });
  test('raises what ONNX Runtime raises', async () => {
    await expect(session.run({ x: { dtype: 'int32', shape: [1, 8, 8, 3], data: new Int32Array(192) } }, room())).rejects.toMatchObject({ code: 'RUNTIME_FAILED', where: { file: graph.name } });
  });
  test('names what was not written, and passes errors on', async () => {
    const into = room();
    const [, second = ''] = names;
    const writes = async () => { for (const [name, { data }] of Object.entries(into)) if (name !== second) data[0] = 1; await Promise.resolve(); };
    await expect(runQuietly(into, writes)).rejects.toMatchObject({ code: 'RUNTIME_FAILED', where: { tensor: second } });
    await expect(runQuietly(into, () => Promise.reject(new Error('out of memory')))).rejects.toThrow('out of memory');
  });
});
