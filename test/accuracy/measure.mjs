// One network under every setting: top-1 in percent where there are labels, else the PSNR of the outputs against float in dB.
import { CalibrationMethod, defaultQuantization, int16Quantization, loadModel, meanPsnr, measureAccuracy, openDataset, samplesOf } from '../../dist/core/index.js';

/** Part of the nodes, from the first on, that the mixed setting puts at int16: what goes wrong early is carried through the whole network. */
export const MIXED_PART = 1 / 4;
export const SETTINGS = ['float', 'int8', 'entropy', 'percentile', 'min_max', 'moving_average', 'int16', 'mixed'];
/** Settings whose error at every node is measured as well. */
export const ANALYSED = ['int8', 'mixed', 'int16'];
/** Samples on which the fast way must equal the exact kernels before it is used. */
const PROOF = 3;

const configs = {
  int8: () => defaultQuantization,
  ...Object.fromEntries(['entropy', 'percentile', 'min_max', 'moving_average'].map((name) => [name, () => defaultQuantization.withCalibration(CalibrationMethod.fromStr(name))])),
  int16: () => int16Quantization,
  mixed: (first) => defaultQuantization.withCustomQuantizationConfigs(Object.fromEntries(first.map((node) => [node, { quantizationPrecision: 'int16' }]))),
};

const dataAt = (root, { path, labels }) => ({ path: root + path, ...(labels && { labels: root + labels }) });
const values = (outputs) => Object.values(outputs).flatMap((t) => Array.from(t.data, Number));

/** The network's data sets; labels as places among its scores, absent where there are none. */
export async function dataOf(network, root, net) {
  const ports = net.graph.inputs;
  const test = await openDataset(dataAt(root, network.data), ports, network.preprocessing);
  const calibration = network.calibrationData ? await openDataset(dataAt(root, network.calibrationData), ports, network.preprocessing) : test;
  return { test, calibration, labels: test.labels && Array.from(test.labels, (label) => label + (network.classOffset ?? 0)) };
}

/** Figures by setting; `say` tells how far it is. */
export async function measure(network, root, say) {
  const net = await loadModel(root + network.model, network.options);
  const { test, calibration, labels } = await dataOf(network, root, net);
  say('calibrating');
  const statistics = await net.calibrate(samplesOf(calibration, network.calibration));
  const classes = [], agreement = {};
  const float = (inputs) => net.execute(inputs);
  const scores = net.graph.outputs[0].name;
  const top1 = async (execute, setting) => {
    let same = 0, sample = 0;
    const watched = async (inputs) => {
      const outputs = await execute(inputs);
      const best = bestOf(outputs[scores].data);
      if (setting === 'float') classes.push(best);
      else if (classes[sample++] === best) same++;
      return outputs;
    };
    const figure = (await measureAccuracy(watched, scores, { samples: samplesOf(test, network.test), labels }, (done) => say(`${setting}: ${done} of ${network.test}`))).top1;
    if (ANALYSED.includes(setting)) agreement[setting] = (100 * same) / network.test;
    return figure;
  };
  const outputPsnr = async (execute, setting) => {
    let peak = 0, squares = 0, elements = 0, done = 0;
    for await (const sample of samplesOf(test, network.test)) {
      const [expected, found] = [values(await float(sample)), values(await execute(sample))];
      expected.forEach((x, i) => { peak = Math.max(peak, Math.abs(x)); squares += (x - found[i]) ** 2; });
      elements += expected.length;
      say(`${setting}: ${++done} of ${network.test}`);
    }
    return 20 * Math.log10(peak) - 10 * Math.log10(squares / elements);
  };
  const figure = labels ? top1 : outputPsnr;

  const figures = { float: labels ? await top1(float, 'float') : undefined };
  const psnr = {};
  const first = firstNodes(net.graph);
  let reference = false;
  for (const [setting, config] of Object.entries(configs)) {
    say(`${setting}: quantizing`);
    const model = net.quantizeWith(statistics, config(first));
    const way = await isExact(model, test) ? 'fastest' : 'reference';
    reference ||= way === 'reference';
    figures[setting] = await figure((inputs) => model.execute(inputs, { way }), setting);
    if (ANALYSED.includes(setting)) {
      say(`${setting}: errors of the nodes`);
      psnr[setting] = meanPsnr((await model.analyzeQuantizationError(samplesOf(test, network.analysis), 'psnr', { localFeed: false, float: net })).nodes);
    }
    await model.release();
  }
  await net.release();
  return { figures, psnr, agreement, unit: labels ? '%' : 'dB', reference, mixed: first.length };
}

/** The fast way equals the kernels on the first samples, output for output. */
async function isExact(model, data) {
  for await (const sample of samplesOf(data, PROOF)) {
    const [exact, fast] = [values(await model.execute(sample, { way: 'reference' })), values(await model.execute(sample))];
    if (exact.some((x, i) => x !== fast[i])) return false;
  }
  return true;
}

const bestOf = (scores) => scores.reduce((best, x, i) => (x > scores[best] ? i : best), 0);

/** Of the first quarter of the nodes, those that can be int16. */
const firstNodes = ({ nodes }) => nodes.slice(0, Math.round(nodes.length * MIXED_PART)).filter((node) => node.precisions.includes('int16')).map((node) => node.name);
