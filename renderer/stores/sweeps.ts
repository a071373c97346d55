// Sweeps: what the next one varies, the one that is under way, and those measured so far.
import { create } from 'zustand';
import { FULL_SWEEP, isBetter, type SweepPlan, type SweepRow, type SweepView } from '../../core/contract/index.ts';
import { record } from './history.ts';

export interface Sweeps {
  readonly plan: SweepPlan;
  readonly sweeps: readonly SweepView[];
  /** Of those measured; null: the newest. */
  readonly shown: string | null;
  /** Its rows come one by one. */
  readonly running: SweepView | null;
}

export const NO_SWEEPS: Sweeps = { plan: FULL_SWEEP, sweeps: [], shown: null, running: null };
export const useSweeps = create<Sweeps>(() => NO_SWEEPS);

export const shownSweep = ({ sweeps, shown, running }: Sweeps): SweepView | null => running ?? sweeps.find(({ id }) => id === shown) ?? sweeps.at(-1) ?? null;

/** Null while nothing is measured. */
export const bestRow = (rows: readonly SweepRow[]): SweepRow | null => rows.reduce<SweepRow | null>((best, row) => (best === null || isBetter(row, best) ? row : best), null);

/** Takes a value into the plan or out of it; the order stays that of the full sweep. */
export function vary<K extends keyof SweepPlan>(key: K, value: SweepPlan[K][number]): void {
  const all: readonly unknown[] = FULL_SWEEP[key];
  useSweeps.setState(({ plan }) => {
    const now: readonly unknown[] = plan[key];
    return { plan: { ...plan, [key]: all.filter((one) => now.includes(one) !== (one === value)) } };
  });
}

export function keepSweep(sweep: SweepView): void {
  useSweeps.setState(({ sweeps }) => ({ sweeps: [...sweeps, sweep], shown: sweep.id, running: null }));
}

/** A step that can be undone. */
export function deleteSweep(sweep: SweepView): void {
  const { sweeps } = useSweeps.getState();
  const remove = (): void => useSweeps.setState((s) => ({ sweeps: s.sweeps.filter(({ id }) => id !== sweep.id), shown: null }));
  const at = sweeps.indexOf(sweep);
  remove();
  record({
    label: 'deleting a sweep', redo: remove,
    undo: () => useSweeps.setState((s) => ({ sweeps: [...s.sweeps.slice(0, at), sweep, ...s.sweeps.slice(at)], shown: sweep.id })),
  });
}
