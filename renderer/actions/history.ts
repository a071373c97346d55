// Undo and redo of the recipe.
import { Redo2, Undo2 } from 'lucide-react';
import { redo, undo, useRecipe } from '../stores/recipe.ts';
import type { Action } from './action.ts';

export const undoAction: Action = {
  id: 'undo', label: 'Undo', keys: ['mod+z'], icon: Undo2,
  why: () => (useRecipe.temporal.getState().pastStates.length > 0 ? null : 'Nothing to undo'),
  run: undo,
};
export const redoAction: Action = {
  id: 'redo', label: 'Redo', keys: ['mod+shift+z', 'mod+y'], icon: Redo2,
  why: () => (useRecipe.temporal.getState().futureStates.length > 0 ? null : 'Nothing to redo'),
  run: redo,
};
