// The last line that another program prints, a Python's mostly.
import { spawn } from 'node:child_process';

export const lastLine = (program, args) => new Promise((resolve, reject) => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (bytes) => { out += bytes; });
  child.stderr.on('data', (bytes) => { err += bytes; });
  child.on('error', reject);
  child.on('close', (code) => (code === 0 ? resolve(out.trim().split('\n').at(-1)) : reject(new Error(`${program} ended with ${code}: ${err.slice(-2000)}`))));
});
