// The settings as they are kept: field by field what still makes sense, the default for the rest.
import * as v from 'valibot';
import { DEFAULT_SETTINGS, Settings } from '../../contract/index.ts';
import { ownFile } from './own-file.ts';

export interface SettingsFile {
  read(): Promise<Settings>;
  write(settings: Settings): Promise<void>;
}

const Kept = v.object({
  theme: v.fallback(Settings.entries.theme, DEFAULT_SETTINGS.theme),
  threads: v.fallback(Settings.entries.threads, DEFAULT_SETTINGS.threads),
  atOnce: v.fallback(Settings.entries.atOnce, DEFAULT_SETTINGS.atOnce),
  memoryMiB: v.fallback(Settings.entries.memoryMiB, DEFAULT_SETTINGS.memoryMiB),
  calibrationSamples: v.fallback(Settings.entries.calibrationSamples, DEFAULT_SETTINGS.calibrationSamples),
  metric: v.fallback(Settings.entries.metric, DEFAULT_SETTINGS.metric),
});

export function createSettingsFile(home: string | null): SettingsFile {
  const file = ownFile(home, 'settings.json');
  return {
    read: async () => {
      const kept = v.safeParse(Kept, await file.read());
      return kept.success ? kept.output : DEFAULT_SETTINGS;
    },
    write: (settings) => file.change(() => settings),
  };
}
