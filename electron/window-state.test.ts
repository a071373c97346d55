import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_STATE, MINIMUM, readWindowState, writeWindowState } from './window-state.ts';

const SCREENS = [{ x: 0, y: 0, width: 1920, height: 1080 }];
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'requant-window-'));
  file = path.join(folder, 'window.json');
});

describe('the window', () => {
  test('comes back to where it was', () => {
    writeWindowState(file, { x: 10, y: 20, width: 1000, height: 700 }, true);
    expect(readWindowState(file, SCREENS)).toEqual({ bounds: { x: 10, y: 20, width: 1000, height: 700 }, maximized: true });
    expect(readdirSync(folder)).toEqual(['window.json']);
  });

  test.each(['', 'null', '[]', '{"x":1}', '{"x":0,"y":0,"width":"wide","height":1}', '{"x":0.5,"y":0,"width":900,"height":700}'])('has its default place where the file holds %j', (text) => {
    writeFileSync(file, text);
    expect(readWindowState(file, SCREENS)).toEqual(DEFAULT_STATE);
  });

  test('has its default place where there is no file', () => {
    expect(readWindowState(file, SCREENS)).toEqual(DEFAULT_STATE);
  });

  test('does not open on a screen that is gone', () => {
    writeWindowState(file, { x: 3000, y: 0, width: 1000, height: 700 }, false);
    expect(readWindowState(file, SCREENS)).toEqual(DEFAULT_STATE);
    expect(readWindowState(file, [...SCREENS, { x: 1920, y: 0, width: 1920, height: 1080 }]).bounds.x).toBe(3000);
  });

  test('is never smaller than its panels need', () => {
    writeWindowState(file, { x: 0, y: 0, width: 3, height: 3 }, false);
    expect(readWindowState(file, SCREENS).bounds).toMatchObject(MINIMUM);
  });

  test('is not disturbed by a folder that cannot be written', () => {
    expect(() => writeWindowState(path.join(folder, 'no', 'window.json'), { x: 0, y: 0, width: 1000, height: 700 }, false)).not.toThrow();
  });
});
