// Topic sweep: every combination of calibration method and schemes, measured on the same samples.
import * as v from 'valibot';
import { method } from './method.ts';
import { Recipe } from './recipe.ts';
import { AccuracyView, runParams } from './run.ts';
import { choicesOf, SweepPlan, SweepRow } from './sweep-row.ts';

export const SweepView = v.pipe(
  v.object({
    id: v.string(),
    /** What all configurations share; its method and schemes are replaced by each row's. */
    recipe: Recipe,
    plan: SweepPlan,
    /** In the order in which they were measured; fewer than planned where the sweep was cancelled. */
    rows: v.array(SweepRow),
    calibrationSamples: v.number(),
    analysisSamples: v.number(),
    /** Of the float network; null where there are no labels. */
    float: v.nullable(AccuracyView),
    seconds: v.number(),
  }),
  v.check(({ plan, rows }) => rows.length <= choicesOf(plan).length, 'there are more rows than were planned'),
);
export type SweepView = v.InferOutput<typeof SweepView>;

/**
 * Calibrates once, then quantizes and measures every configuration of the plan; each row comes with the progress as soon as it is measured. Raises
 * CALIBRATION_MISSING, CONFIG_INVALID for a model with nothing to vary, CANCELLED.
 */
export const sweepStart = method('sweep.start', v.object({ ...runParams, plan: SweepPlan }), SweepView);
