// Netron, the viewer that people use today, from PyPI in a throwaway environment: how long the same files take there.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressOf } from './serve.mjs';

export async function openPeer(context, networks, repeat, median) {
  const folder = mkdtempSync(path.join(tmpdir(), 'requant-peer-'));
  const python = path.join(folder, 'bin/python');
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'netron'], { stdio: 'ignore' });
  } catch { /* said below */ }
  if (!existsSync(path.join(folder, 'bin/netron'))) {
    console.log('| skipped: Python with Netron could not be had | |');
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  for (const [i, { name, file }] of networks.entries()) {
    const child = spawn(path.join(folder, 'bin/netron'), ['--port', String(8490 + i), '--verbosity', '1', file], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1' } });
    try {
      const url = await addressOf(child);
      const times = await repeat(async () => {
        const page = await context.newPage();
        const began = Date.now();
        await page.goto(url);
        await page.waitForFunction(() => document.querySelectorAll('.node').length > 2 && !/spinner|welcome/.test(document.body.className), null, { timeout: 180_000 });
        const seconds = (Date.now() - began) / 1000;
        await page.close();
        return seconds;
      });
      console.log(`| ${name} | ${median(times).toFixed(2)} |`);
    } catch (error) {
      console.log(`| ${name} | failed: ${String(error.message).split('\n')[0]} |`);
    } finally {
      child.removeAllListeners('exit');
      child.kill();
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
