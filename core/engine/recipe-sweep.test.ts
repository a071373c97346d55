// A sweep as the studio asks for it, over the built-in sample: rows told one by one, right classes and errors of each, and the best is not left to chance.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choicesOf, DEFAULT_RECIPE, FULL_SWEEP, isBetter, SweepRow, SweepView, withChoice, type Progress, type SweepPlan } from '../contract/index.ts';
import { arrive } from '../contract/method.ts';
import { openDataset, type Dataset } from '../tensor/dataset.ts';
import { createCancelToken } from './cancel.ts';
import { loadModel, type LoadedNet } from './loaded-net.ts';
import { sweepRecipes, type RecipeSweep } from './recipe-sweep.ts';
import { createAnalyst } from './analyst.ts';
import { startRun } from './run.ts';

const PREPROCESSING = { scale: 1 / 255, mean: [0.5], std: [0.25] };
const PLAN: SweepPlan = { methods: ['min_max', 'percentile'], weights: ['per-channel', 'per-tensor'], activations: ['symmetric'] };
const RECIPE = { ...DEFAULT_RECIPE, calibration: { method: 'percentile' as const, percentile: 99 } };
let net: LoadedNet;
let calibration: Dataset;
let evaluation: Dataset;
beforeAll(async () => {
  net = await loadModel('assets/sample/shapes.onnx');
  calibration = await openDataset({ path: 'assets/sample/calibration.npz' }, net.graph.inputs, PREPROCESSING);
  evaluation = await openDataset({ path: 'assets/sample/test.npz' }, net.graph.inputs, PREPROCESSING);
});
afterAll(() => net.release());

const told: Progress[] = [];
const ask = (change: Partial<RecipeSweep> = {}): RecipeSweep => ({
  params: { recipe: RECIPE, plan: PLAN, analysisSamples: 2, accuracySamples: 30 }, calibration, evaluation, samples: 10, job: {}, tell: (progress) => { told.push(progress); }, ...change,
});

describe('a sweep of recipes', () => {
  it('tells every row with its progress, and answers with all of them', async () => {
    const { view } = await sweepRecipes(net, ask());
    expect(arrive(SweepView, view, 'sweep')).toEqual(view);
    expect(view.rows.map(({ method, weights, activations }) => ({ method, weights, activations }))).toEqual(choicesOf(PLAN));
    expect(told.map(({ row }) => row)).toEqual(view.rows);
    expect(told.at(-1)).toMatchObject({ fraction: 1, detail: '4 of 4' });
    expect(view).toMatchObject({ calibrationSamples: 10, analysisSamples: 2, float: { samples: 30 } });
  });

  it('measures what a run of the same recipe measures', async () => {
    const { view, statistics } = await sweepRecipes(net, ask());
    const row = view.rows[2];
    if (!row) throw new Error('there is no third row');
    const recipe = withChoice(RECIPE, row);
    // Parameters of the method that the recipe names are kept.
    expect(recipe.calibration).toEqual({ method: 'percentile', percentile: 99 });
    const run = await startRun(net, { params: { recipe, accuracySamples: 30 }, number: 1, calibration, evaluation, samples: 10, statistics, analyst: createAnalyst(net, evaluation, 2, 2 ** 28), job: {} });
    const finite = run.view.cumulative.map(({ psnr }) => psnr).filter(Number.isFinite);
    expect(row.psnr).toBeCloseTo(finite.reduce((a, b) => a + b, 0) / finite.length, 6);
    expect([row.top1, row.top5, row.weightBytes]).toEqual([run.view.accuracy?.quantized.top1, run.view.accuracy?.quantized.top5, run.view.weightBytes]);
    await run.model.release();
  });

  it('stops between configurations when it is cancelled', async () => {
    const cancel = createCancelToken();
    await expect(sweepRecipes(net, ask({ job: { cancel }, tell: () => cancel.cancel() }))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses where there is nothing to vary', async () => {
    await expect(sweepRecipes(net, ask({ params: { recipe: { ...RECIPE, armOnly: true }, plan: PLAN } }))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('has twenty configurations at most, and each value once', () => {
    expect(choicesOf(FULL_SWEEP)).toHaveLength(20);
    const twice = { id: 'x', recipe: RECIPE, plan: { ...PLAN, methods: ['mse', 'mse'] }, rows: [], calibrationSamples: 1, analysisSamples: 1, float: null, seconds: 1 };
    expect(() => arrive(SweepView, twice, 'sweep')).toThrow('each value is named once');
    const row: SweepRow = { method: 'mse', weights: 'per-channel', activations: 'asymmetric', psnr: 40, top1: null, top5: null, weightBytes: 1, seconds: 1 };
    expect(() => arrive(SweepView, { ...twice, plan: { ...PLAN, methods: ['mse'], weights: ['per-channel'] }, rows: [row, row] }, 'sweep')).toThrow('more rows than were planned');
    expect(() => arrive(SweepRow, { ...row, psnr: NaN }, 'row')).toThrow();
  });

  it('takes right classes first, then the error; of equals the first', () => {
    expect([isBetter({ top1: 90, psnr: 10 }, { top1: 89, psnr: 50 }), isBetter({ top1: 90, psnr: 51 }, { top1: 90, psnr: 50 }), isBetter({ psnr: 50 }, { psnr: 50 })]).toEqual([true, true, false]);
  });
});
