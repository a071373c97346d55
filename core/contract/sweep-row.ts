// What a sweep varies and what it measures: plain data, and the rules that engine and page share.
import * as v from 'valibot';
import { CALIBRATION_METHODS, Recipe, type CalibrationMethodName } from './recipe.ts';

const WEIGHTS = Recipe.entries.weights, ACTIVATIONS = Recipe.entries.activations;
const someOf = <T extends v.GenericSchema>(one: T, most: number) => v.pipe(v.array(one), v.minLength(1), v.maxLength(most), v.check((all) => new Set(all).size === all.length, 'each value is named once'));

/** Everything is combined with everything: at most twenty configurations. */
export const SweepPlan = v.object({ methods: someOf(v.picklist(CALIBRATION_METHODS), CALIBRATION_METHODS.length), weights: someOf(WEIGHTS, 2), activations: someOf(ACTIVATIONS, 2) });
export type SweepPlan = v.InferOutput<typeof SweepPlan>;
export const FULL_SWEEP: SweepPlan = { methods: [...CALIBRATION_METHODS], weights: [...WEIGHTS.options], activations: [...ACTIVATIONS.options] };

/** One configuration, and what it scored. */
export const SweepRow = v.object({
  method: v.picklist(CALIBRATION_METHODS),
  weights: WEIGHTS,
  activations: ACTIVATIONS,
  /** Mean over the nodes of the cumulative error, in dB. */
  psnr: v.number(),
  /** Percent of right classes; null where there are no labels. */
  top1: v.nullable(v.number()),
  top5: v.nullable(v.number()),
  weightBytes: v.number(),
  seconds: v.number(),
});
export type SweepRow = v.InferOutput<typeof SweepRow>;
export type SweepChoice = Pick<SweepRow, 'method' | 'weights' | 'activations'>;

/** Every configuration of a plan, in the order in which they are measured. */
export const choicesOf = ({ methods, weights, activations }: SweepPlan): readonly SweepChoice[] =>
  methods.flatMap((method) => weights.flatMap((weight) => activations.map((activation) => ({ method, weights: weight, activations: activation }))));

/** The recipe of one configuration. Bins and percentile are the recipe's own where it names the same method. */
export const withChoice = (recipe: Recipe, { method, weights, activations }: SweepChoice): Recipe =>
  ({ ...recipe, calibration: calibrationOf(recipe, method), weights, activations });
export const calibrationOf = ({ calibration }: Recipe, method: CalibrationMethodName): Recipe['calibration'] => (calibration.method === method ? calibration : { method });

type Score = { readonly [K in 'top1' | 'top5' | 'psnr']?: number | null };
/** Is `a` better than `b`? Right classes count first, then the error of the nodes. Of equals the one measured first stands. */
export function isBetter(a: Score, b: Score): boolean {
  for (const key of ['top1', 'top5', 'psnr'] as const) {
    const own = a[key] ?? 0, other = b[key] ?? 0;
    if (own !== other) return own > other;
  }
  return false;
}
