// npm run figures: the README's table, measured. Needs the models in ../shared/data; says so and stops where they are missing.
// For each network: top-1 of float, int8, mixed (the three int8 nodes with the largest error of their own at int16) and int16, and the
// mean over nodes of the cumulative PSNR.
import { existsSync } from 'node:fs';
import { defaultQuantization, int16Quantization, loadModel, meanPsnr, measureAccuracy, openDataset, samplesOf } from '../dist/core/index.js';

const data = new URL('../../shared/data/', import.meta.url);
const PLAIN = { scale: 1, mean: [0], std: [1] };
const NETWORKS = [
  { name: 'IC resnet8', folder: 'mlperf-tiny-ic/', model: 'resnet8_float.tflite', calibration: 'cifar10_calibration.npz', test: 'cifar10_test.npz', preprocessing: PLAIN },
  // Scale and zero point are those of the input of dscnn_int8.tflite, which the samples were quantized for.
  { name: 'KWS dscnn', folder: 'mlperf-tiny-kws/', model: 'dscnn_float.tflite', calibration: 'samples_int8.npz', test: 'samples_int8.npz', preprocessing: { ...PLAIN, dequantize: { scale: 0.5847029089927673, zeroPoint: 83 } } },
];
const CALIBRATION_SAMPLES = 500;
const ANALYSIS_SAMPLES = 16;
const MIXED_NODES = 3;

if (!existsSync(data)) {
  console.error('The figures need the models and data in ../shared/data, and the folder is not there.');
  process.exit(1);
}
console.log('| network | setting | top-1, % | top-5, % | mean PSNR, dB |\n|---|---|---|---|---|');
for (const { name, folder, model, calibration, test, preprocessing } of NETWORKS) {
  const path = (file) => new URL(folder + file, data).pathname;
  const net = await loadModel(path(model));
  const ports = net.graph.inputs;
  const [calibrating, testing] = await Promise.all([calibration, test].map((file) => openDataset({ path: path(file) }, ports, preprocessing)));
  const statistics = await net.calibrate(samplesOf(calibrating, CALIBRATION_SAMPLES));
  const accuracy = (execute) => measureAccuracy(execute, net.graph.outputs[0].name, { samples: samplesOf(testing), labels: testing.labels });
  const row = (setting, { top1, top5 }, psnr) => console.log(`| ${name} | ${setting} | ${top1} | ${top5} | ${psnr ?? ''} |`);
  row('float', await accuracy((inputs) => net.execute(inputs)));

  let worst = [];
  const settings = [['int8', () => defaultQuantization], [`mixed: ${MIXED_NODES} worst nodes int16`, () => defaultQuantization.withCustomQuantizationConfigs(
    Object.fromEntries(worst.map((node) => [node, { quantizationPrecision: 'int16' }])))], ['int16', () => int16Quantization]];
  for (const [setting, config] of settings) {
    const quantized = net.quantizeWith(statistics, config());
    const analyze = (localFeed) => quantized.analyzeQuantizationError(samplesOf(testing, ANALYSIS_SAMPLES), 'psnr', { localFeed });
    if (worst.length === 0) worst = [...(await analyze(true)).nodes].sort((a, b) => a.psnr - b.psnr).slice(0, MIXED_NODES).map((node) => node.name);
    const psnr = meanPsnr((await analyze(false)).nodes).toFixed(1);
    row(setting, await accuracy((inputs) => quantized.execute(inputs)), psnr);
    await quantized.release();
  }
  await net.release();
}
