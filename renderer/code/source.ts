// What code is written from: the recipe, and the files and samples that a run would take.
import type { InputShapes, Preprocessing, RawLayout, Recipe } from '../../core/contract/index.ts';

export interface CodeSource {
  readonly recipe: Recipe;
  /** File names as the person knows them; the page does not know their folders. */
  readonly model: string;
  /** What the model's file leaves open, as it was given. */
  readonly inputShapes?: InputShapes;
  readonly data: string;
  readonly preprocessing: Preprocessing;
  /** What is said of a raw file. */
  readonly raw?: RawLayout | undefined;
  /** Calibration samples; undefined: all. */
  readonly samples: number | undefined;
}

/** The model's name without its folder and ending. */
export const nameOf = (model: string): string => model.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, '');

/** Names of the nodes whose choice passes. */
export const chosen = (recipe: Recipe, test: (choice: Recipe['nodes'][string]) => boolean): readonly string[] =>
  Object.entries(recipe.nodes).filter(([, choice]) => test(choice)).map(([name]) => name);
