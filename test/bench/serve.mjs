// Starts `requant serve` for the benchmark.
import { spawn } from 'node:child_process';

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
  const child = spawn(process.execPath, ['dist/core/cli/main.js', 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await addressOf(child);
  return { url, close: () => new Promise((done) => { child.removeAllListeners('exit'); child.once('exit', done); child.kill(); }) };
}
