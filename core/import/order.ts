// The operators of a file that its outputs need, each after those that it reads. Files may list them in another order or hold dead ones.
import { RequantError } from '../errors/index.ts';

export interface Step {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Keeps the file's order where that is possible. Raises MODEL_INVALID for a cycle or a tensor with two producers. */
export function executionOrder<T extends Step>(steps: readonly T[], wanted: readonly string[], file: string): readonly T[] {
  const producer = new Map<string, T>();
  for (const step of steps) for (const output of step.outputs) {
    if (output === '') continue;
    if (producer.has(output)) throw new RequantError('MODEL_INVALID', 'two operators produce it', { file, tensor: output });
    producer.set(output, step);
  }
  const before = (step: T): readonly T[] => step.inputs.flatMap((input) => producer.get(input) ?? []);

  const live = new Set(wanted.flatMap((name) => producer.get(name) ?? []));
  for (const step of live) for (const needed of before(step)) live.add(needed);

  const order: T[] = [];
  const state = new Map<T, 'open' | 'done'>();
  for (const first of steps) {
    if (!live.has(first)) continue;
    // Depth first without recursion: a chain of a million operators must not overflow the stack.
    const stack = [first];
    for (let step = stack.at(-1); step; step = stack.at(-1)) {
      if (state.get(step) === undefined) {
        state.set(step, 'open');
        for (const needed of before(step)) {
          if (state.get(needed) === 'open') throw new RequantError('MODEL_INVALID', 'it depends on itself', { file, tensor: step.outputs[0] ?? '' });
          if (state.get(needed) === undefined) stack.push(needed);
        }
        continue;
      }
      if (state.get(step) === 'open') { state.set(step, 'done'); order.push(step); }
      stack.pop();
    }
  }
  return order;
}
