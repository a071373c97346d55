// The order in which the worker answers: as calls came, looks behind everything else, never two at a time.
import { expect, it } from 'vitest';
import type { MethodName } from '../contract/index.ts';
import { createQueue } from './queue.ts';
import type { WorkerCall } from './worker-messages.ts';

const call = (id: number, method: MethodName): WorkerCall => ({ kind: 'call', id, method, params: {}, flag: new SharedArrayBuffer(4), paths: {} });
const turn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 2); });

/** A queue whose calls end when they are let. */
function watched() {
  const begun: number[] = [], ends = new Map<number, () => void>();
  const queue = createQueue(({ id }) => new Promise((resolve) => { begun.push(id); ends.set(id, resolve); }));
  return { begun, add: (id: number, method: MethodName) => queue.add(call(id, method)), end: async (id: number) => { ends.get(id)?.(); await turn(); } };
}

it('lets a draft overtake looks that have not begun, and keeps the order among each kind', async () => {
  const { begun, add, end } = watched();
  add(1, 'node.errors');
  await turn();
  for (const [i, method] of (['node.output', 'node.inspect', 'run.draft', 'data.state', 'node.map'] as const).entries()) add(i + 2, method);
  expect(begun).toEqual([1]);
  for (const next of [[1, 4], [1, 4, 5], [1, 4, 5, 2], [1, 4, 5, 2, 3], [1, 4, 5, 2, 3, 6]]) {
    await end(begun.at(-1) ?? 0);
    expect(begun).toEqual(next);
  }
});

it('begins again after it was empty', async () => {
  const { begun, add, end } = watched();
  add(1, 'node.map');
  await turn();
  await end(1);
  add(2, 'run.start');
  await turn();
  expect(begun).toEqual([1, 2]);
});
