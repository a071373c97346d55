// Save the shown run as .sima and .sima.json.
import { PackageCheck } from 'lucide-react';
import { saveRun } from '../calls/save-run.ts';
import { shownRun, useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const saveRunAction: Action = {
  id: 'save-run', label: 'Save run', keys: ['mod+shift+e'], icon: PackageCheck,
  why: () => {
    const session = useSession.getState();
    const run = shownRun(session);
    if (!run) return 'Run first; then its result can be saved';
    return session.forgotten.has(run.id) ? 'The engine was started again and no longer holds this run; run once more' : null;
  },
  run: async (studio) => {
    const run = shownRun(useSession.getState());
    if (run) await saveRun(studio, run);
  },
};
