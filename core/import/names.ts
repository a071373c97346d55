// Unique names: a name that is taken gets #1, #2 ... behind it.

export interface Names {
  /** The name itself, or the first numbered form that is free. What is returned is taken from then on. */
  take(name: string): string;
}

export function uniqueNames(): Names {
  const taken = new Set<string>();
  // Where the count of a name goes on: a file with a million equal names must not make us count from 1 each time.
  const next = new Map<string, number>();
  return {
    take: (name) => {
      let unique = name;
      let n = next.get(name) ?? 1;
      while (taken.has(unique)) unique = `${name}#${n++}`;
      next.set(name, n);
      taken.add(unique);
      return unique;
    },
  };
}
