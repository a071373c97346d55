// Settings as the engine keeps them: read when the page has met it, written a moment after each change.
import { RequantError } from '../../core/errors/index.ts';
import { useRunForm } from '../stores/run-form.ts';
import { log } from '../stores/messages.ts';
import { changeSettings, settingsNow, useSettings } from '../stores/settings.ts';
import { useView } from '../stores/view.ts';
import type { Studio } from './studio.ts';

const WAIT_MS = 300;
let reading = false;

/** Takes over what is kept. The first time it also sets what the page begins with. */
export async function readSettings(studio: Studio, first: boolean): Promise<void> {
  const { settings, cores, kept } = await studio.client().call('settings.read', {});
  if (first) {
    reading = true;
    changeSettings(settings);
    useSettings.setState({ cores, kept });
    reading = false;
    useView.setState({ metric: settings.metric });
    useRunForm.setState({ calibration: settings.calibrationSamples === null ? '' : String(settings.calibrationSamples) });
  }
  await studio.client().call('engine.configure', { threads: settingsNow().threads });
}

/** Starts to write changes. Returns how to stop. */
export function installSettings(studio: Studio): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const write = async (): Promise<void> => {
    const settings = settingsNow();
    await studio.client().call('settings.write', { settings });
    await studio.client().call('engine.configure', { threads: settings.threads });
  };
  return useSettings.subscribe((s, before) => {
    if (s.metric !== before.metric) useView.setState({ metric: s.metric });
    if (reading) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { void write().catch((thrown: unknown) => log(`The settings cannot be kept: ${RequantError.from(thrown).line}`, 'error')); }, WAIT_MS);
  });
}
