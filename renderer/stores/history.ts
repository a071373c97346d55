// History: what a person did, one step after another, so that each can be taken back and done again. Steps may call the engine (data, deleted runs).
import { create } from 'zustand';

export interface Step {
  /** What was done, in a few words, as it follows "Undo: ". */
  readonly label: string;
  readonly undo: () => unknown;
  readonly redo: () => unknown;
  /** Steps of one key that follow each other are one: typing a note. */
  readonly key?: string;
  /** Called when the step can neither be undone nor done again any more. */
  readonly forget?: () => void;
}
export interface History {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

const LIMIT = 200;
export const useHistory = create<History>(() => ({ past: [], future: [] }));

const forget = (steps: readonly Step[]): void => { for (const step of steps) step.forget?.(); };

/** Adds a step that has just been done. What had been undone is given up. */
export function record(step: Step): void {
  const { past, future } = useHistory.getState();
  const before = past.at(-1);
  const merged = step.key !== undefined && before?.key === step.key ? { ...step, undo: before.undo } : step;
  const next = [...(merged === step ? past : past.slice(0, -1)), merged];
  useHistory.setState({ past: next.slice(-LIMIT), future: [] });
  forget(next.slice(0, -LIMIT));
  forget(future);
}

export function undo(): void {
  const { past, future } = useHistory.getState();
  const step = past.at(-1);
  if (!step) return;
  useHistory.setState({ past: past.slice(0, -1), future: [step, ...future] });
  step.undo();
}

export function redo(): void {
  const { past, future } = useHistory.getState();
  const [step, ...rest] = future;
  if (!step) return;
  useHistory.setState({ past: [...past, step], future: rest });
  step.redo();
}

/** A fresh start: another model has nothing in common with what was done before. */
export function clearHistory(): void {
  const { past, future } = useHistory.getState();
  useHistory.setState({ past: [], future: [] });
  forget([...past, ...future]);
}
