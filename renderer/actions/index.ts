// The table of all actions.
import type { Action } from './action.ts';
import { cancelAction } from './cancel.ts';
import { exportGraphActions } from './export-graph.ts';
import { exportLayersAction } from './export-layers.ts';
import { exportReportAction } from './export-report.ts';
import { dialogActions } from './dialogs.ts';
import { redoAction, undoAction } from './history.ts';
import { loadDataActions } from './load-data.ts';
import { navigateActions } from './navigate.ts';
import { openModelAction } from './open-model.ts';
import { openSampleAction } from './open-sample.ts';
import { paletteAction } from './palette.ts';
import { projectActions } from './project.ts';
import { runAction } from './run.ts';
import { saveRunAction } from './save-run.ts';
import { selectActions } from './select-by.ts';
import { precisionActions } from './set-precision.ts';
import { showActions } from './show.ts';
import { sweepActions } from './sweep.ts';

export type { Action } from './action.ts';

export const ACTIONS: readonly Action[] = [
  openModelAction, openSampleAction, ...projectActions, ...loadDataActions, runAction, ...sweepActions, cancelAction, saveRunAction, exportLayersAction, ...exportGraphActions, exportReportAction,
  undoAction, redoAction, ...precisionActions, ...navigateActions, ...selectActions, ...showActions, paletteAction, ...dialogActions,
];

const BY_ID = new Map(ACTIONS.map((action) => [action.id, action]));

export function actionById(id: string): Action {
  const action = BY_ID.get(id);
  if (!action) throw new Error(`There is no action ${id}`);
  return action;
}

export const findAction = (id: string): Action | undefined => BY_ID.get(id);
