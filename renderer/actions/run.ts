// Calibrate, quantize, execute and analyse with the recipe as it stands.
import { Play } from 'lucide-react';
import { startRun } from '../calls/start-run.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const runAction: Action = {
  id: 'run', label: 'Run', keys: ['mod+enter'], icon: Play,
  why: () => {
    const session = useSession.getState();
    if (!session.model) return 'Open a model first';
    if (!session.data.calibration && !(session.model.arrived && session.data.evaluation)) return 'Load calibration data first';
    return null;
  },
  run: startRun,
};
