// What bias correction gains on a trained network (Nagel et al. 2019, section 4.2): the built-in sample, weights rounded each to the nearest integer.
import { expect, it } from 'vitest';
import { defaultQuantization, loadModel, meanPsnr, openDataset, samplesOf } from '../index.ts';

const PREPROCESSING = { scale: 1 / 255, mean: [0.5], std: [0.25] };

it('raises the PSNR of a network whose weights are rounded each by itself by more than 2 dB on average over its nodes', async () => {
  const net = await loadModel('assets/sample/shapes.onnx');
  const samples = async (name: string) => openDataset({ path: `assets/sample/${name}.npz` }, net.graph.inputs, PREPROCESSING);
  const [calibration, test] = [await samples('calibration'), await samples('test')];
  const statistics = await net.calibrate(samplesOf(calibration, 100));
  const psnr = async (corrected: boolean): Promise<number> => {
    const model = net.quantizeWith(statistics, defaultQuantization.withWeightRounding('nearest').withBiasCorrection(corrected));
    const { nodes } = await model.analyzeQuantizationError(samplesOf(test, 30), 'psnr', { localFeed: false });
    await model.release();
    return meanPsnr(nodes);
  };
  expect(await psnr(true) - await psnr(false)).toBeGreaterThan(2);
  await net.release();
});
