// The five calibration methods: by name, or by class with other parameters. One pass over the data answers them all.
import {
  CalibrationMethod, defaultQuantization, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod, samplesOf,
} from 'requant';
import { openSample, SAMPLES } from './sample.mjs';

const { loadedNet, calibration } = await openSample();

// Use MSE calibration by its name; quantize as usual.
const mse = defaultQuantization.withCalibration(CalibrationMethod.fromStr('mse'));
await loadedNet.quantize(samplesOf(calibration, SAMPLES), mse, { modelName: 'test_model' });

// A percentile of one's own, another number of bins, and the others: the network need not run again for each.
const statistics = await loadedNet.calibrate(samplesOf(calibration, SAMPLES));
const methods = [HistogramPercentileMethod(91.0, 2048), MovingAverageMinMaxMethod(), MinMaxMethod(), HistogramMSEMethod(1024), HistogramEntropyMethod()];
const [, conv] = loadedNet.graph.nodes;
for (const method of methods) {
  const model = loadedNet.quantizeWith(statistics, defaultQuantization.withCalibration(method), 'test_model');
  const output = model.graph.values.get(conv?.outputs[0] ?? '')?.quantization;
  console.log(method.name.padEnd(15), `scale of ${conv?.name ?? ''}: ${output?.scale}`);
}
