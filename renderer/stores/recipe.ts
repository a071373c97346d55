// Recipe: what a person has chosen for the next run. Every change is a step that can be undone.
import { create } from 'zustand';
import { DEFAULT_RECIPE, type CalibrationMethodName, type NodeView, type Recipe } from '../../core/contract/index.ts';
import { clearHistory, record } from './history.ts';
import { changeText, fitRecipe, sameRecipe, withInt32Toggled, withPrecision, withPreset, type ChosenPrecision } from './recipe-edit.ts';

export interface RecipeState {
  readonly recipe: Recipe;
}

export const useRecipe = create<RecipeState>()(() => ({ recipe: DEFAULT_RECIPE }));

/** One undoable step. An edit that gives the same recipe back is no step. */
export function edit(change: (recipe: Recipe) => Recipe): void {
  const { recipe } = useRecipe.getState();
  const next = change(recipe);
  if (sameRecipe(next, recipe)) return;
  const show = (shown: Recipe) => (): void => useRecipe.setState({ recipe: shown });
  show(next)();
  record({ label: changeText(recipe, next), undo: show(recipe), redo: show(next) });
}

export const setPrecision = (nodes: readonly NodeView[], to: ChosenPrecision): void => edit((recipe) => withPrecision(recipe, nodes, to));
export const toggleInt32 = (nodes: readonly NodeView[], all: readonly NodeView[]): void => edit((recipe) => withInt32Toggled(recipe, nodes, all));
export const setPreset = (preset: Recipe['preset'], nodes: readonly NodeView[]): void => edit((recipe) => withPreset(recipe, preset, nodes));

/** Another method starts with its own defaults: a parameter of the one before has no meaning for it. */
export const setMethod = (method: CalibrationMethodName): void => edit((recipe) => (recipe.calibration.method === method ? recipe : { ...recipe, calibration: { method } }));

/** Takes over the recipe of an earlier run. */
export const adopt = (recipe: Recipe, nodes: readonly NodeView[]): void => edit(() => fitRecipe(recipe, nodes));

/** A fresh start for another model: node choices go, general choices stay, and there is nothing to undo. */
export function startRecipe(nodes: readonly NodeView[]): void {
  useRecipe.setState((s) => ({ recipe: fitRecipe({ ...s.recipe, nodes: {} }, nodes) }));
  clearHistory();
}
