// The Chromium of the end-to-end tests: an installed one, else Playwright's, else Debian's package. Says which, once.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
/** No call home and no sandbox of Chromium's own: as root and in containers it refuses to start with one. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
] as const;

interface Found { readonly path: string; readonly origin: string }

function onPath(): Found | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  for (const command of COMMANDS) {
    const found = folders.map((folder) => path.join(folder, command)).find(existsSync);
    if (found) return { path: found, origin: 'installed' };
  }
  const place = PLACES.find(existsSync);
  return place === undefined ? null : { path: place, origin: 'installed' };
}

function playwrights(): Found | null {
  const own = chromium.executablePath();
  if (existsSync(own)) return { path: own, origin: 'Playwright\'s' };
  const cli = path.resolve('node_modules/playwright-core/cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { timeout: 180_000, stdio: 'ignore' });
  return existsSync(own) ? { path: own, origin: 'Playwright\'s, just downloaded' } : null;
}

function debians(): Found | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  const apt = (...args: string[]): void => {
    execFileSync('apt-get', args, { timeout: 300_000, stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  };
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  } catch { return null; }
  const found = onPath();
  return found && { path: found.path, origin: 'Debian\'s package, just installed' };
}

/** Path of a Chromium. The first call finds it, the environment variable REQUANT_CHROMIUM tells the rest. */
export function findChromium(): string {
  const given = process.env['REQUANT_CHROMIUM'];
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`REQUANT_CHROMIUM is ${given}, and there is no such file`);
    return given;
  }
  const found = onPath() ?? playwrights() ?? debians();
  if (!found) throw new Error('No Chromium: install one, or name it in the environment variable REQUANT_CHROMIUM');
  console.log(`Chromium for the end-to-end tests: ${found.path} (${found.origin})`);
  process.env['REQUANT_CHROMIUM'] = found.path;
  return found.path;
}

export const launchChromium = (...more: string[]): Promise<Browser> => chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_ARGUMENTS, ...more] });

/** Vitest's global set-up: found once, before the test processes start and inherit it. */
export default function setup(): void { findChromium(); }
