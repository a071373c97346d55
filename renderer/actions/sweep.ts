// Try every method with every scheme, and take the best configuration over.
import { Grid3x3, Trophy } from 'lucide-react';
import { choicesOf, withChoice } from '../../core/contract/index.ts';
import { startSweep } from '../calls/start-sweep.ts';
import { adopt, useRecipe } from '../stores/recipe.ts';
import { useSession } from '../stores/session.ts';
import { bestRow, shownSweep, useSweeps } from '../stores/sweeps.ts';
import { useView } from '../stores/view.ts';
import type { Action } from './action.ts';

function whyNoSweep(): string | null {
  const { model, data, jobs } = useSession.getState();
  if (!model) return 'Open a model first';
  if (model.arrived) return 'The model arrives quantized, with scales of its own: there is nothing to try';
  if (useRecipe.getState().recipe.armOnly) return 'ARM only is on: nothing is quantized';
  if (!data.calibration) return 'Load calibration data first';
  if (jobs.some(({ kind }) => kind === 'sweep')) return 'A sweep is under way';
  return choicesOf(useSweeps.getState().plan).length > 0 ? null : 'Tick at least one method and one of each scheme';
}

export const sweepActions: readonly Action[] = [
  {
    id: 'sweep', label: 'Sweep over methods and schemes', keys: ['mod+shift+enter'], icon: Grid3x3, why: whyNoSweep,
    run: (studio) => { useView.setState({ bottom: 'sweep' }); return startSweep(studio); },
  },
  {
    id: 'use-best', label: 'Use the best configuration of the sweep', icon: Trophy,
    why: () => (bestRow(shownSweep(useSweeps.getState())?.rows ?? []) ? null : 'Sweep first'),
    run: () => {
      const sweep = shownSweep(useSweeps.getState()), best = sweep && bestRow(sweep.rows);
      if (sweep && best) adopt(withChoice(sweep.recipe, best), useSession.getState().model?.nodes ?? []);
    },
  },
];
