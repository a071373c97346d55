// A sweep over the built-in sample: every combination measured on all samples, the best kept, one pass of calibration.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCancelToken, loadModel, measureAccuracy, MinMaxMethod, openDataset, HistogramMSEMethod, quantizationScheme, samplesOf, sweep, type Dataset, type LoadedNet } from '../index.ts';

const PREPROCESSING = { scale: 1 / 255, mean: [0.5], std: [0.25] };
let net: LoadedNet;
let calibration: Dataset;
let test: Dataset;
beforeAll(async () => {
  net = await loadModel('assets/sample/shapes.onnx');
  calibration = await openDataset({ path: 'assets/sample/calibration.npz' }, net.graph.inputs, PREPROCESSING);
  test = await openDataset({ path: 'assets/sample/test.npz' }, net.graph.inputs, PREPROCESSING);
});
afterAll(() => net.release());

const plan = { methods: [HistogramMSEMethod(), MinMaxMethod()], activations: [quantizationScheme(true, false)] };
const few = () => samplesOf(calibration, 10);

describe('sweep', () => {
  it('tries each combination once, in the order of the plan, and keeps the model of the best', async () => {
    const labels = test.labels ?? new Int32Array();
    const heard: unknown[] = [];
    const { rows, best, model } = await sweep(net, few(), { samples: samplesOf(test, 40), labels }, plan, { modelName: 'kept', onRow: (row) => heard.push(row) });
    expect(rows.map(({ config }) => [config.calibrationMethod.name, config.weightQuantizationScheme.perChannel]))
      .toEqual([['mse', true], ['mse', false], ['min_max', true], ['min_max', false]]);
    expect(heard).toEqual(rows);
    expect(best.top1).toBe(Math.max(...rows.map(({ top1 }) => top1 ?? 0)));
    expect(best).toBe(rows.find(({ top1, top5 }) => top1 === best.top1 && top5 === best.top5));
    expect(model.graph.name).toBe('kept');
    const again = await measureAccuracy((inputs) => model.execute(inputs), net.graph.outputs[0]?.name ?? '', { samples: samplesOf(test, 40), labels });
    expect([again.top1, again.top5]).toEqual([best.top1, best.top5]);
    await model.release();
  });

  it('judges by the mean PSNR of the nodes where there are no labels, and the report stays on the model', async () => {
    const { rows, best, model } = await sweep(net, few(), { samples: samplesOf(test, 3) }, plan);
    expect(best.psnr).toBe(Math.max(...rows.map(({ psnr }) => psnr ?? 0)));
    expect(new Set(rows.map(({ psnr }) => psnr)).size).toBe(4);
    expect(model.reports.map(({ samples, localFeed }) => [samples, localFeed])).toEqual([[3, false]]);
    await model.release();
  });

  it('goes on rising to the end in its progress, and stops when it is cancelled', async () => {
    const cancel = createCancelToken();
    const fractions: number[] = [];
    const run = sweep(net, few(), { samples: samplesOf(test, 2) }, plan, {
      cancel, onProgress: ({ fraction }) => fractions.push(fraction), onRow: () => { if (fractions.length > 0 && (fractions.at(-1) ?? 0) > 0.5) cancel.cancel(); },
    });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThan(1);
  });

  it('refuses an empty plan and a forbidden scheme before it touches the data', async () => {
    const untouched = { [Symbol.iterator]: () => { throw new Error('the data was touched'); } };
    await expect(sweep(net, untouched, { samples: [] }, { methods: [] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(sweep(net, untouched, { samples: [] }, { weights: [quantizationScheme(true, true)] })).rejects.toMatchObject({ code: 'SCHEME_FORBIDDEN' });
  });
});
