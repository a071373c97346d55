// Keeps the page connected to the engine: first contact, what to open, and coming back after a loss.
import { createClient, DATA_ROLES, type Client } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import type { Door } from '../doors/door.ts';
import { useDataForms } from '../stores/data-form.ts';
import { log, report } from '../stores/messages.ts';
import { forgetRuns, useSession } from '../stores/session.ts';
import { useSettings } from '../stores/settings.ts';
import { runJob } from './job.ts';
import { loadData } from './open-data.ts';
import { offerSitting } from './keep-sitting.ts';
import { openFile } from './open-file.ts';
import { openSample, refreshData } from './open-model.ts';
import { refreshRecents } from './recents.ts';
import { readSettings } from './settings.ts';
import type { Studio } from './studio.ts';

const RETRY_MS = [300, 700, 1500, 3000, 5000] as const;
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A studio on `door`, connecting at once and again whenever the link is lost. */
export function startStudio(door: Door): Studio {
  let current: Client | null = null;
  const studio: Studio = {
    door,
    client: () => {
      if (!current) throw new RequantError('ENGINE_LOST', 'There is no connection to the engine', {}, { hint: 'It is being restored; try again in a moment.' });
      return current;
    },
  };

  /** Has this page met an engine before? */
  let met = false;

  /** Connects and greets; the promise inside settles when this link has closed. */
  const connect = async (): Promise<{ readonly closed: Promise<void> }> => {
    const link = await door.connect();
    let open = true;
    const closed = new Promise<void>((resolve) => { link.onClose(() => { open = false; current = null; resolve(); }); });
    const client = createClient(link);
    client.onLost((message) => {
      report(new RequantError('ENGINE_LOST', message, {}, { hint: 'It is started again, and what was open is opened again; your choices are kept.' }));
      forgetRuns();
      // `lost` over a link that is still open: the engine's worker has a successor already.
      if (open) void restore(studio);
    });
    current = client;
    const hello = await client.call('engine.hello', {});
    useSession.setState({ connection: 'ready', version: hello.version });
    log(`Connected to the engine, version ${hello.version}`);
    const { origin } = useSession.getState();
    await readSettings(studio, origin === null && !met);
    if (origin !== null) void restore(studio);
    else if (!met) {
      await offerSitting(studio);
      if (hello.start === 'sample') void openSample(studio);
      else if (hello.start) void openFile(studio, hello.start);
    }
    met = true;
    void refreshRecents(studio);
    return { closed };
  };

  const stayConnected = async (): Promise<never> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const { closed } = await connect();
        attempt = 0;
        await closed;
      } catch (error) {
        if (attempt === 0) report(RequantError.from(error));
      }
      useSession.setState({ connection: 'lost' });
      await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 5000);
    }
  };

  door.onOpenFile((file) => { void openFile(studio, file); });
  void stayConnected();
  return studio;
}

/** Opens in the new engine what was open in the old one. The recipe and the runs on the screen stay. */
async function restore(studio: Studio): Promise<void> {
  const { origin, inputShapes } = useSession.getState();
  if (origin === null) return;
  await runJob('model', 'Reopening the model', async (options) => {
    const client = studio.client();
    await client.call('engine.configure', { threads: useSettings.getState().threads });
    if (origin === 'sample') await client.call('model.openSample', {}, options);
    else await client.call('model.open', { file: origin, inputShapes }, options);
    for (const role of DATA_ROLES) {
      if (useDataForms.getState()[role].files.length > 0) await loadData(studio, role);
    }
    await refreshData(studio);
  });
}
