// Settings: what a person has set once for all models. The engine keeps them; the page's own storage only saves the theme from flashing.
import { create } from 'zustand';
import { DEFAULT_SETTINGS, MOST_MEMORY_MIB, type Settings } from '../../core/contract/index.ts';

export interface SettingsState extends Settings {
  /** Threads where none are set: the engine's cores. */
  readonly cores: number;
  /** Are they kept beyond this session? */
  readonly kept: boolean;
}

const THEME_KEY = 'requant.theme';
function storedTheme(): Settings['theme'] {
  try {
    const theme = globalThis.localStorage?.getItem(THEME_KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system';
  }
}

export const useSettings = create<SettingsState>(() => ({ ...DEFAULT_SETTINGS, theme: storedTheme(), cores: 1, kept: false }));

export const isMemory = (mib: number): boolean => Number.isInteger(mib) && mib >= 0 && mib <= MOST_MEMORY_MIB;

/** The settings alone, as the engine keeps them. */
export function settingsNow(): Settings {
  const { cores: _, kept: __, ...settings } = useSettings.getState();
  return settings;
}

export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
  try { if (change.theme !== undefined) globalThis.localStorage?.setItem(THEME_KEY, change.theme); } catch { /* storage is a convenience only */ }
}

export const setTheme = (theme: Settings['theme']): void => changeSettings({ theme });
