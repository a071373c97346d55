// Cycling through the quantization options: 5 calibration methods x 2 weight schemes x 2 activation schemes. Every configuration is evaluated on all
// test samples; the best is kept, and saved once. (The document's template evaluates the last sample only and saves every time.)
import {
  defaultQuantization, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod, quantizationScheme, samplesOf,
} from 'requant';
import { argmax, openSample, OUTPUT_DIR, SAMPLES } from './sample.mjs';

const symmetricPerTensor = quantizationScheme(false, false);
const symmetricPerChannel = quantizationScheme(false, true);
const asymmetricPerTensor = quantizationScheme(true, false);

const weightSchemes = [symmetricPerChannel, symmetricPerTensor];
const activationSchemes = [symmetricPerTensor, asymmetricPerTensor];
const calibrationMethods = [MinMaxMethod(), MovingAverageMinMaxMethod(), HistogramMSEMethod(1024), HistogramEntropyMethod(), HistogramPercentileMethod(99.9)];

const { loadedNet, calibration, test } = await openSample();
const { labels } = test;
if (!labels) throw new Error('the test set has no labels');
// One pass over the data answers every configuration.
const statistics = await loadedNet.calibrate(samplesOf(calibration, SAMPLES));

/** @type {{ accuracy: number, name: string, model: import('requant').Model } | undefined} */
let best;
for (const method of calibrationMethods) {
  for (const weights of weightSchemes) {
    for (const activations of activationSchemes) {
      const config = defaultQuantization.withCalibration(method).withWeightQuantization(weights).withActivationQuantization(activations);
      const name = `${method.name}, weights ${weights.perChannel ? 'per channel' : 'per tensor'}, activations ${activations.asymmetric ? 'asymmetric' : 'symmetric'}`;
      const model = loadedNet.quantizeWith(statistics, config, 'shapes_best');

      let correct = 0;
      let total = 0;
      for await (const inputs of samplesOf(test, SAMPLES)) {
        const outputs = await model.execute(inputs, { fastMode: true });
        if (argmax(outputs['probabilities']) === labels[total]) correct++;
        total++;
      }
      const accuracy = correct / total;
      console.log(`${(100 * accuracy).toFixed(1)} % of ${total}: ${name}`);

      if (!best || accuracy > best.accuracy) {
        await best?.model.release();
        best = { accuracy, name, model };
      } else {
        await model.release();
      }
    }
  }
}
if (best) {
  const files = await best.model.save('shapes_best', OUTPUT_DIR);
  console.log(`best: ${best.name}, ${(100 * best.accuracy).toFixed(1)} %; saved as ${files.join(' and ')}`);
}
