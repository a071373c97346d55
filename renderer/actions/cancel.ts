// Cancel what is under way.
import { Square } from 'lucide-react';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const cancelAction: Action = {
  id: 'cancel', label: 'Cancel', keys: ['mod+.'], icon: Square,
  why: () => (useSession.getState().jobs.some((job) => !job.cancelling) ? null : 'Nothing is running'),
  run: () => useSession.getState().jobs.forEach((job) => job.cancel()),
};
