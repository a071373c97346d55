// Undo and redo: of the configuration, the data and its preprocessing, notes on runs, and deleted runs.
import { Redo2, Undo2 } from 'lucide-react';
import { redo, undo, useHistory } from '../stores/history.ts';
import type { Action } from './action.ts';

export const undoAction: Action = {
  id: 'undo', label: 'Undo', keys: ['mod+z'], icon: Undo2,
  why: () => (useHistory.getState().past.length > 0 ? null : 'Nothing to undo'),
  detail: () => useHistory.getState().past.at(-1)?.label ?? null,
  run: undo,
};
export const redoAction: Action = {
  id: 'redo', label: 'Redo', keys: ['mod+shift+z', 'mod+y'], icon: Redo2,
  why: () => (useHistory.getState().future.length > 0 ? null : 'Nothing to redo'),
  detail: () => useHistory.getState().future[0]?.label ?? null,
  run: redo,
};
