// What the command line of the desktop app asks to open.
import path from 'node:path';
import type { Start } from './engine-messages.ts';

/** `argv` is the process's own; `isDevelopment` where it starts with Electron and the app's folder. Paths start at `cwd`. */
export function startOf(argv: readonly string[], cwd: string, isDevelopment: boolean): Start {
  const rest = argv.slice(isDevelopment ? 2 : 1);
  const file = rest.find((argument) => !argument.startsWith('-'));
  if (file !== undefined) return { kind: 'path', path: path.resolve(cwd, file) };
  return rest.includes('--sample') ? { kind: 'sample' } : null;
}
