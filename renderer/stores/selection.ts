// Selection: the nodes a person has picked, and the one the view should move to.
import { create } from 'zustand';

export interface Selection {
  /** Node names in the order in which they were picked. */
  readonly names: readonly string[];
  /** A wish to bring a node into view; `tick` makes repeated wishes distinct. */
  readonly reveal: { readonly name: string; readonly tick: number } | null;
}

export const useSelection = create<Selection>(() => ({ names: [], reveal: null }));

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, i) => name === b[i]);

export function select(names: readonly string[]): void {
  const unique = [...new Set(names)];
  if (!same(unique, useSelection.getState().names)) useSelection.setState({ names: unique });
}

/** Adds the node, or takes it away when it was already picked. */
export function toggle(name: string): void {
  const { names } = useSelection.getState();
  select(names.includes(name) ? names.filter((n) => n !== name) : [...names, name]);
}

/** Applies single changes, as a canvas reports them. */
export function applyChanges(changes: readonly { readonly name: string; readonly selected: boolean }[]): void {
  const names = new Set(useSelection.getState().names);
  for (const { name, selected } of changes) {
    if (selected) names.add(name);
    else names.delete(name);
  }
  select([...names]);
}

export function reveal(name: string): void {
  useSelection.setState((s) => ({ reveal: { name, tick: (s.reveal?.tick ?? 0) + 1 } }));
}
