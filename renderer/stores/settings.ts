// Settings: what a person has set once for all models. Kept between visits.
import { create } from 'zustand';
import { DEFAULT_MEMORY_BUDGET } from '../../core/contract/index.ts';

export interface Settings {
  /** Measure a changed recipe at once, after a first run. */
  readonly atOnce: boolean;
  /** MiB of activations that the engine may keep for that. */
  readonly memoryMiB: number;
}

const KEY = 'requant.settings';
export const DEFAULT_SETTINGS: Settings = { atOnce: true, memoryMiB: DEFAULT_MEMORY_BUDGET / 2 ** 20 };
export const MOST_MEMORY_MIB = 1024 * 1024;

/** What was kept, field by field where it still makes sense; storage may be forbidden or edited by hand. */
export function readSettings(text: string | null): Settings {
  try {
    const { atOnce, memoryMiB } = JSON.parse(text ?? '{}') as Partial<Record<keyof Settings, unknown>>;
    return {
      atOnce: typeof atOnce === 'boolean' ? atOnce : DEFAULT_SETTINGS.atOnce,
      memoryMiB: typeof memoryMiB === 'number' && isMemory(memoryMiB) ? memoryMiB : DEFAULT_SETTINGS.memoryMiB,
    };
  } catch {
    return DEFAULT_SETTINGS;
  }
}

export const isMemory = (mib: number): boolean => Number.isInteger(mib) && mib >= 0 && mib <= MOST_MEMORY_MIB;

function stored(): string | null {
  try { return globalThis.localStorage?.getItem(KEY) ?? null; } catch { return null; }
}

export const useSettings = create<Settings>(() => readSettings(stored()));

export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
  try { globalThis.localStorage?.setItem(KEY, JSON.stringify(useSettings.getState())); } catch { /* storage is a convenience only */ }
}
