// Fetches the graph of the source file, once a model.
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

export async function showOriginal(studio: Studio): Promise<void> {
  const { model, original } = useSession.getState();
  if (!model) return;
  if (!original) {
    const found = await runJob('model', 'Reading the original graph', (options) => studio.client().call('model.original', {}, options));
    // Another model may have been opened meanwhile.
    if (!found || useSession.getState().model !== model) return;
    useSession.setState({ original: found });
  }
  useView.setState({ graph: 'original' });
}
