// Model files that are cut, changed or made to harm: every one is imported or refused with a RequantError that is not INTERNAL, soon.
import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequantError } from '../errors/index.ts';
import { importModel, readModelFile, type ImportOptions } from './index.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const FILES: readonly (readonly [path: string, options: ImportOptions])[] = [
  ['onnx-small/mnist.onnx', {}], ['mlperf-tiny-kws/dscnn_float.tflite', {}], ['tf-kws/DS_CNN_S.pb', { inputShapes: { Mfcc: [1, 49, 10] } }],
];
/** Generous: a hang is what this is for, and machines that test are busy. */
const LONGEST_MS = 10_000;

/** The code of the refusal, or 'imported'. Anything but a RequantError, or a slow answer, fails the test. */
function outcome(bytes: Uint8Array, name: string, options: ImportOptions = {}): string {
  const started = performance.now();
  let code = 'imported';
  try { importModel(bytes, name, options); } catch (thrown) {
    if (!(thrown instanceof RequantError)) throw thrown;
    expect(thrown.where.file).toBe(name);
    code = thrown.code;
  }
  expect(code).not.toBe('INTERNAL');
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  return code;
}

describe('any bytes', () => {
  it.each(['.onnx', '.tflite', '.pb'])('under %s are refused', (extension) => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => { expect(outcome(bytes, `m${extension}`)).not.toBe('imported'); }), { numRuns: 300 });
  });
  it('with TFLite\'s letters are refused', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 8, maxLength: 400 }), (bytes) => {
      bytes.set([0x54, 0x46, 0x4c, 0x33], 4);
      expect(outcome(bytes, 'm.tflite')).not.toBe('imported');
    }), { numRuns: 500 });
  });
  it('of no known kind are FORMAT_UNKNOWN, and none at all FORMAT_CORRUPT', () => {
    expect(outcome(Uint8Array.of(1, 2, 3), 'picture.png')).toBe('FORMAT_UNKNOWN');
    expect(outcome(new Uint8Array(0), 'm.onnx')).toBe('FORMAT_CORRUPT');
    expect(outcome(new Uint8Array(0), 'm.tflite')).toBe('FORMAT_CORRUPT');
  });
});

describe('files', () => {
  it('that are not there are FILE_NOT_FOUND', async () => {
    await expect(readModelFile('/nowhere/model.onnx')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
  it('that are folders are FILE_UNREADABLE', async () => {
    await expect(readModelFile(new URL('.', import.meta.url).pathname)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe.skipIf(!existsSync(DATA)).each(FILES)('%s (skipped where ../shared/data is missing)', (path, options) => {
  const original = existsSync(DATA) ? new Uint8Array(readFileSync(new URL(path, DATA))) : new Uint8Array(0);

  it('cut short anywhere is refused', () => {
    for (let i = 0; i < 60; i++) {
      const length = Math.floor((original.length * i) / 60);
      expect(outcome(original.subarray(0, length), path, options)).not.toBe('imported');
    }
  });

  it('with bits flipped is imported or refused', () => {
    const flips = fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(flips, (list) => {
      const bytes = original.slice();
      for (const [at, bit] of list) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      outcome(bytes, path, options);
    }), { numRuns: 150 });
  });

  it('with four bytes made largest, as a hostile length would be, is imported or refused', () => {
    fc.assert(fc.property(fc.nat({ max: original.length - 4 }), fc.constantFrom([255, 255, 255, 255], [255, 255, 255, 127], [0, 0, 0, 128]), (at, value) => {
      const bytes = original.slice();
      bytes.set(value, at);
      outcome(bytes, path, options);
    }), { numRuns: 150 });
  });
});
