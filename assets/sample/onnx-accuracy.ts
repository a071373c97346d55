// How many pictures a model file names correctly by ONNX Runtime: the check on what was exported.
import * as ort from 'onnxruntime-node';
import { CHANNELS, IMAGE_BYTES, SIZE } from './draw.ts';
import { INPUT, OUTPUT } from './export.ts';
import { prepared } from './network.ts';
import type { Pictures } from './pictures.ts';

export async function countCorrectByOnnxRuntime(model: Uint8Array, { count, pixels, labels }: Pictures): Promise<number> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  let correct = 0;
  try {
    for (let n = 0; n < count; n++) {
      const image = planes(pixels.subarray(n * IMAGE_BYTES, (n + 1) * IMAGE_BYTES));
      const answer = await session.run({ [INPUT]: new ort.Tensor('float32', image, [1, CHANNELS, SIZE, SIZE]) });
      const probabilities = Array.from(answer[OUTPUT]?.data as Float32Array);
      if (probabilities.indexOf(Math.max(...probabilities)) === labels[n]) correct++;
    }
  } finally {
    await session.release();
  }
  return correct;
}

/** One picture, NHWC bytes -> NCHW floats as the network wants them. */
function planes(pixels: Uint8Array): Float32Array {
  const out = new Float32Array(pixels.length);
  const area = SIZE * SIZE;
  for (let i = 0; i < area; i++) for (let c = 0; c < CHANNELS; c++) out[c * area + i] = prepared(pixels[i * CHANNELS + c] ?? 0);
  return out;
}
