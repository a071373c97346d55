// The networks of the accuracy table: where each lies in ../shared/data, how it is fed, and how many samples it is given.
const PLAIN = { scale: 1, mean: [0], std: [1] };
const NORMALIZED = { scale: 1 / 127.5, mean: [1], std: [1] };
/** Scale and zero point of the input of dscnn_int8.tflite, which the samples were quantized for. */
const KWS = { ...PLAIN, dequantize: { scale: 0.5847029089927673, zeroPoint: 83 } };
const IMAGENET = { path: 'imagenet-samples/images', labels: 'imagenet-samples/labels.csv' };
const npz = (path) => ({ path });
const arm = (name) => ({
  id: `tf-kws/${name}`, title: `tf-kws ${name}`, model: `tf-kws/${name}.pb`, options: { inputShapes: { 'Mfcc:0': [1, 49, 10] }, outputNames: ['labels_softmax:0'] },
  data: npz(`tf-kws/${name}.mfcc.npz`), preprocessing: PLAIN, calibration: 150, test: 150, analysis: 16,
});

/**
 * calibration, test, analysis: how many samples, from the start of the data, for ranges, for the figure, and for the choice of the nodes that the
 * mixed setting puts at int16. classOffset: index of the scores that stands for label 0. int8File: the file that TensorFlow Lite quantized.
 * peerless: not given to the peers, which have no such arithmetic.
 */
export const NETWORKS = [
  { id: 'resnet8', int8File: 'mlperf-tiny-ic/resnet8_int8.tflite', title: 'IC resnet8', model: 'mlperf-tiny-ic/resnet8_float.tflite', data: npz('mlperf-tiny-ic/cifar10_test.npz'), calibrationData: npz('mlperf-tiny-ic/cifar10_calibration.npz'), preprocessing: PLAIN, calibration: 500, test: 1000, analysis: 16 },
  { id: 'dscnn', peerless: true, title: 'KWS dscnn', model: 'mlperf-tiny-kws/dscnn_float.tflite', data: npz('mlperf-tiny-kws/samples_int8.npz'), preprocessing: KWS, calibration: 500, test: 1000, analysis: 16, note: 'int8 weights; float rounds activations as TensorFlow Lite does' },
  { id: 'dscnn-float32', int8File: 'mlperf-tiny-kws/dscnn_int8.tflite', title: 'KWS dscnn, plain float32', model: 'mlperf-tiny-kws/dscnn_float.tflite', options: { dequantize: true }, data: npz('mlperf-tiny-kws/samples_int8.npz'), preprocessing: KWS, calibration: 500, test: 1000, analysis: 16, note: 'the same weights, activations never rounded in float' },
  arm('CNN_S'), arm('DS_CNN_S'),
  { id: 'resnet_2b', title: 'CIFAR-10 resnet_2b', model: 'onnx-cifar10/resnet_2b.onnx', data: npz('mlperf-tiny-ic/cifar10_test.npz'), calibrationData: npz('mlperf-tiny-ic/cifar10_calibration.npz'), preprocessing: { scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] }, calibration: 200, test: 1000, analysis: 16 },
  { id: 'mnist', title: 'mnist', model: 'onnx-small/mnist.onnx', data: npz('onnx-small/mnist_test_0_4999.npz'), preprocessing: PLAIN, calibration: 200, test: 2000, analysis: 16 },
  { id: 'ultraface', title: 'ultraface RFB-320', model: 'ultraface/version-RFB-320.onnx', data: npz('ultraface/images'), preprocessing: { scale: 1 / 128, mean: [127 / 128], std: [1] }, calibration: 12, test: 12, analysis: 2 },
  { id: 'mobilenet_v1', title: 'MobileNetV1 0.25 128', model: 'tf-mobilenetv1/mobilenet_v1_0.25_128_derived.onnx', data: IMAGENET, preprocessing: NORMALIZED, calibration: 100, test: 500, analysis: 4, classOffset: 1 },
  { id: 'mobilenet_v2', int8File: 'imagenet-mobilenetv2/tf2_mobilenet_v2_1.0_224_ptq.tflite', title: 'MobileNetV2 1.0 224', model: 'imagenet-mobilenetv2/tf2_mobilenet_v2_1.0_224_ptq.tflite', options: { dequantize: true }, data: IMAGENET, preprocessing: NORMALIZED, calibration: 50, test: 250, analysis: 1, classOffset: 1, note: "the int8 file's weights, dequantized, make the float network" },
];

/** Files that arrived quantized, for `--arrived`. */
export const ARRIVED = [
  { title: 'IC resnet8 int8', model: 'mlperf-tiny-ic/resnet8_int8.tflite', data: npz('mlperf-tiny-ic/cifar10_test.npz'), preprocessing: PLAIN, test: 1000 },
  { title: 'KWS dscnn int8', model: 'mlperf-tiny-kws/dscnn_int8.tflite', data: npz('mlperf-tiny-kws/samples_int8.npz'), preprocessing: KWS, test: 1000 },
  { title: 'MobileNetV2 1.0 224 int8', model: 'imagenet-mobilenetv2/tf2_mobilenet_v2_1.0_224_ptq.tflite', data: IMAGENET, preprocessing: NORMALIZED, test: 500, classOffset: 1 },
  { title: 'MobileNetV1 0.5 160 uint8', model: 'imagenet-mobilenetv1/mobilenet_v1_0.5_160_quant.tflite', data: IMAGENET, preprocessing: NORMALIZED, test: 500, classOffset: 1 },
];
