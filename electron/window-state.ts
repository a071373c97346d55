// Where the window was: a small JSON file in the user's data folder, read with distrust and written whole or not at all.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Rectangle { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export interface WindowState { readonly bounds: Partial<Rectangle> & { readonly width: number; readonly height: number }; readonly maximized: boolean }

export const DEFAULT_STATE: WindowState = { bounds: { width: 1440, height: 900 }, maximized: false };
export const MINIMUM = { width: 880, height: 560 };

/** The state in `file`, or the default where there is none, it is damaged, or its screen is gone. */
export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState {
  let saved: unknown;
  try { saved = JSON.parse(readFileSync(file, 'utf8')); } catch { return DEFAULT_STATE; }
  if (typeof saved !== 'object' || saved === null) return DEFAULT_STATE;
  const { x, y, width, height, maximized } = saved as Record<string, unknown>;
  const isWhole = (value: unknown): value is number => Number.isInteger(value);
  if (!isWhole(x) || !isWhole(y) || !isWhole(width) || !isWhole(height)) return DEFAULT_STATE;
  const bounds = { x, y, width: Math.max(width, MINIMUM.width), height: Math.max(height, MINIMUM.height) };
  if (!screens.some((screen) => overlap(bounds, screen) >= 100)) return { ...DEFAULT_STATE, maximized: maximized === true };
  return { bounds, maximized: maximized === true };
}

/** Failing to remember is no reason to disturb anyone: a folder that cannot be written is left alone. */
export function writeWindowState(file: string, bounds: Rectangle, maximized: boolean): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify({ ...bounds, maximized }));
    renameSync(temporary, file);
  } catch { /* see above */ }
}

/** The shorter side of what two rectangles share, in pixels: enough must be seen to grab the title bar. */
function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.min(width, height);
}
