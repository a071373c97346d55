// Which of several files is the model, and which go with it.
import { describe, expect, it } from 'vitest';
import { MOST_DATA_FILES, modelWithData } from './model-files.ts';

const files = (...paths: string[]) => paths.map((path) => ({ file: new File(['x'], path.split('/').at(-1) ?? ''), path }));
const found = (...paths: string[]) => { const { model, data } = modelWithData(files(...paths)); return [model.path, data.map(({ path }) => path)]; };

describe('a model among files', () => {
  it('brings the files beside it and below, by their paths from it', () => {
    expect(found('net.onnx')).toEqual(['net.onnx', []]);
    expect(found('weights.bin', 'net.onnx', 'layer.0')).toEqual(['net.onnx', ['weights.bin', 'layer.0']]);
    expect(found('export/net.onnx', 'export/parts/a', 'other/b')).toEqual(['export/net.onnx', ['parts/a']]);
  });
  it('is the one that lies highest; others are not sent', () => {
    expect(found('m/old/net.onnx', 'm/net.onnx', 'm/w')).toEqual(['m/net.onnx', ['w']]);
    expect(() => found('a.onnx', 'b.onnx')).toThrow('several models here: a.onnx, b.onnx');
  });
  it('goes alone where it is no ONNX', () => {
    expect(found('m/net.tflite', 'm/labels.txt')).toEqual(['m/net.tflite', []]);
    expect(found('m/work.requant', 'm/w')).toEqual(['m/work.requant', []]);
  });
  it('is refused where there is none, or too much beside it', () => {
    expect(() => found('a.bin')).toThrow('None of these files is a model');
    expect(() => found('net.onnx', ...Array.from({ length: MOST_DATA_FILES + 1 }, (_, i) => `w${i}`))).toThrow('at most 1000 are sent with it');
  });
});
