// Follows whether an action can be done, across every store that it may read.
import { useSyncExternalStore } from 'react';
import type { Action } from '../actions/action.ts';
import { useHistory } from '../stores/history.ts';
import { useProject } from '../stores/project.ts';
import { useRecipe } from '../stores/recipe.ts';
import { useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useSweeps } from '../stores/sweeps.ts';

function subscribe(listener: () => void): () => void {
  const stops = [useSession, useRecipe, useHistory, useSelection, useProject, useSweeps].map((store) => store.subscribe(listener));
  return () => stops.forEach((stop) => stop());
}

/** The reason why not, or null. */
export const useWhy = (action: Action): string | null => useSyncExternalStore(subscribe, () => action.why?.() ?? null);
/** What the action would do just now, or null. */
export const useDetail = (action: Action): string | null => useSyncExternalStore(subscribe, () => action.detail?.() ?? null);
