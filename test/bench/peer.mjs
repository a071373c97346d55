// Netron, the viewer that people use today: how long the same files take there. It comes from the Python that is named (--python), else from PyPI into a
// throwaway environment.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressOf } from './serve.mjs';

/** A file that took longer than this the first time is opened this often only: the benchmark has an end. */
const LONG = { seconds: 10, runs: 3 };

/** One port for all files, so that what a page asks once is asked once. */
const PORT = 8490;

const hasNetron = (python) => { try { execFileSync(python, ['-c', 'import netron'], { stdio: 'ignore' }); return true; } catch { return false; } };

function freshPython(folder) {
  const python = path.join(folder, 'bin/python');
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'netron'], { stdio: 'ignore' });
  } catch { /* said by the caller */ }
  return python;
}

/** Seconds by network; a network that failed is missing. */
export async function openPeer(context, networks, { python: named, runs, median }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'requant-peer-'));
  const seconds = new Map();
  try {
    const python = named ?? freshPython(folder);
    if (!hasNetron(python)) { console.log('| skipped: Python with Netron could not be had | | |'); return seconds; }
    for (const { name, file } of networks) {
      const child = spawn(python, ['-c', 'import netron; netron.main()', '--port', String(PORT), file], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1' } });
      try {
        const url = await addressOf(child);
        if (seconds.size === 0) await consent(context, url);
        const times = [];
        while (times.length < (times[0] > LONG.seconds ? Math.min(LONG.runs, runs) : runs)) times.push(await openOnce(context, url));
        seconds.set(name, { median: median(times), runs: times.length });
      } catch (error) {
        console.log(`| ${name} | failed: ${String(error.message).split('\n')[0]} | |`);
      } finally {
        child.removeAllListeners('exit');
        const ended = child.exitCode === null && child.signalCode === null ? new Promise((done) => { child.once('exit', done); }) : undefined;
        child.kill();
        await ended;
      }
    }
    return seconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Netron asks once whether it may use cookies, and shows nothing before. */
async function consent(context, url) {
  const page = await context.newPage();
  try {
    await page.goto(url);
    const ask = page.getByText('Accept', { exact: true });
    await ask.or(page.locator('.node').first()).first().waitFor({ timeout: 60_000 });
    if (await ask.isVisible()) await ask.click();
    await page.locator('.node').first().waitFor({ state: 'attached', timeout: 60_000 });
  } finally {
    await page.close();
  }
}

async function openOnce(context, url) {
  const page = await context.newPage();
  try {
    const began = Date.now();
    await page.goto(url);
    // By locator, which has a world of its own: Netron's page forbids the eval that a function of ours would need.
    await page.locator('body:not(.spinner):not(.welcome) .node').nth(2).waitFor({ state: 'attached', timeout: 180_000 });
    return (Date.now() - began) / 1000;
  } finally {
    await page.close();
  }
}
