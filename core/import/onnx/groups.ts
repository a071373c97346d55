// Operators that stay together, in order among the rest. What passes between two of them is not known before it runs, so they share a group;
// whatever lies between two of a group belongs to it, too, or the group would wait for itself.
import { executionOrder, type Step } from '../order.ts';

export interface Group<S extends Step> extends Step {
  /** In the order of the file. */
  readonly members: readonly S[];
}

/** Beyond so many groups, all become one: finding what lies between costs a walk over the graph for each. */
const MOST_GROUPS = 64;

/**
 * `steps` are in order; `inside` are those that stay together; one of `free`, whose results are known now, goes along where only its group reads it.
 * Groups' inputs and outputs are those that cross their border, or that `wanted` names.
 */
export function grouped<S extends Step>(steps: readonly S[], { inside, free }: { readonly inside: ReadonlySet<S>; readonly free: ReadonlySet<S> }, wanted: readonly string[], file: string): readonly (S | Group<S>)[] {
  if (inside.size === 0) return steps;
  const walk = walker(steps);
  let sets = joined(steps, inside, walk);
  for (let before = 0; before !== sets.length;) {
    before = sets.length;
    sets = disjoint(sets.map((set) => walk.closed(set)));
  }
  const condense = (some: readonly ReadonlySet<S>[]): readonly (S | Group<S>)[] => {
    const owned = new Set(some.flatMap((set) => [...set]));
    return executionOrder([...steps.filter((step) => !owned.has(step)), ...some.map((set) => groupOf(steps, set, wanted))], wanted, file);
  };
  const whole = (set: ReadonlySet<S>): ReadonlySet<S> => withFree(steps, set, free, wanted);
  try { return condense(sets.map(whole)); } catch { return condense([whole(walk.closed(new Set(sets.flatMap((set) => [...set]))))]); }
}

interface Walk<S> {
  readonly before: (step: S) => readonly S[];
  /** With everything that lies between two of the set. */
  readonly closed: (set: ReadonlySet<S>) => ReadonlySet<S>;
}

function walker<S extends Step>(steps: readonly S[]): Walk<S> {
  const producer = new Map(steps.flatMap((step) => step.outputs.map((output) => [output, step] as const)));
  const before = (step: S): readonly S[] => step.inputs.flatMap((input) => producer.get(input) ?? []);
  const closed = (set: ReadonlySet<S>): ReadonlySet<S> => {
    // In order: what depends on the set, then backwards what the set depends on.
    const behind = new Set<S>();
    for (const step of steps) if (before(step).some((each) => set.has(each) || behind.has(each))) behind.add(step);
    const ahead = new Set<S>();
    for (const step of [...steps].reverse()) if (set.has(step) || ahead.has(step)) for (const each of before(step)) ahead.add(each);
    return new Set(steps.filter((step) => set.has(step) || (behind.has(step) && ahead.has(step))));
  };
  return { before, closed };
}

/** Neighbours together. */
function joined<S extends Step>(steps: readonly S[], inside: ReadonlySet<S>, walk: Walk<S>): readonly ReadonlySet<S>[] {
  const sets = new Map<S, Set<S>>();
  for (const step of steps) {
    if (!inside.has(step)) continue;
    let set = new Set([step]);
    for (const each of walk.before(step)) {
      const other = sets.get(each);
      if (!other || other === set) continue;
      const [large, small] = other.size > set.size ? [other, set] : [set, other];
      for (const one of small) { large.add(one); sets.set(one, large); }
      set = large;
    }
    sets.set(step, set);
  }
  const distinct = [...new Set(sets.values())];
  return distinct.length > MOST_GROUPS ? [new Set(inside)] : distinct;
}

function withFree<S extends Step>(steps: readonly S[], set: ReadonlySet<S>, free: ReadonlySet<S>, wanted: readonly string[]): ReadonlySet<S> {
  const out = new Set(set);
  const elsewhere = new Set(wanted);
  for (const step of [...steps].reverse()) {
    if (free.has(step) && !step.outputs.some((output) => elsewhere.has(output))) out.add(step);
    if (!out.has(step)) for (const input of step.inputs) elsewhere.add(input);
  }
  return out;
}

/** Sets that share a step become one. */
function disjoint<S>(sets: readonly ReadonlySet<S>[]): readonly ReadonlySet<S>[] {
  let out: ReadonlySet<S>[] = [];
  for (const set of sets) {
    const shared = out.filter((other) => [...set].some((step) => other.has(step)));
    out = [...out.filter((other) => !shared.includes(other)), new Set([...shared.flatMap((other) => [...other]), ...set])];
  }
  return out;
}

function groupOf<S extends Step>(steps: readonly S[], set: ReadonlySet<S>, wanted: readonly string[]): Group<S> {
  const members = steps.filter((step) => set.has(step));
  const made = new Set(members.flatMap((step) => step.outputs.filter((name) => name !== '')));
  const asked = new Set([...wanted, ...steps.flatMap((step) => (set.has(step) ? [] : step.inputs))]);
  return {
    members,
    inputs: [...new Set(members.flatMap((step) => step.inputs))].filter((name) => !made.has(name)),
    outputs: [...made].filter((name) => asked.has(name)),
  };
}
