// How the formats of model files are called.
import type { ModelView } from '../../../core/contract/index.ts';

export const FORMATS: Readonly<Record<ModelView['format'], string>> = { onnx: 'ONNX', tflite: 'TensorFlow Lite', tensorflow: 'TensorFlow' };
