import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startOf } from './start-arguments.ts';

describe('the desktop starts with', () => {
  const cwd = path.resolve('/home/me');
  test('nothing, without arguments', () => expect(startOf(['Requant'], cwd, false)).toBe(null));
  test('the sample, by --sample', () => expect(startOf(['Requant', '--sample'], cwd, false)).toEqual({ kind: 'sample' }));
  test('a model, found from where it was started', () => expect(startOf(['Requant', 'net.onnx'], cwd, false)).toEqual({ kind: 'path', path: path.join(cwd, 'net.onnx') }));
  test('a model among switches of Chromium', () => expect(startOf(['Requant', '--no-sandbox', 'net.tflite', '--flag'], cwd, false)).toEqual({ kind: 'path', path: path.join(cwd, 'net.tflite') }));
  test('no model by mistake, where Electron itself is given the app\'s folder', () => {
    expect(startOf(['electron', '.'], cwd, true)).toBe(null);
    expect(startOf(['electron', '.', '--sample'], cwd, true)).toEqual({ kind: 'sample' });
    expect(startOf(['electron', '.', 'net.onnx'], cwd, true)).toEqual({ kind: 'path', path: path.join(cwd, 'net.onnx') });
  });
});
