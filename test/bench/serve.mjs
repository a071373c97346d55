// Starts `requant serve` for the benchmark.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Resolves with the first address that a started program prints. */
export function addressOf(child, ms = 60_000) {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`it did not start: ${text}`)), ms);
    const listen = (chunk) => {
      text += chunk;
      const found = /http:\/\/\S+/.exec(text);
      if (found) { clearTimeout(late); resolve(found[0].replace(/['".,]+$/, '')); }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', (code) => { clearTimeout(late); reject(new Error(`it ended with code ${code}: ${text}`)); });
  });
}

export async function serve(...args) {
  const home = mkdtempSync(path.join(tmpdir(), 'requant-home-'));
  const child = spawn(process.execPath, ['dist/core/cli/main.js', 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, REQUANT_HOME: home } });
  const url = await addressOf(child);
  const ended = new Promise((done) => { child.once('exit', done); });
  return { url, close: async () => { child.kill(); await ended; rmSync(home, { recursive: true, force: true }); } };
}
