// npm test: installs what is missing, then lint, the integer kernels, types, import directions, unit and end-to-end tests, in this order. Every
// step runs, whatever became of the one before; the last line counts tests, and the exit code is 0 only where all went well.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { install, requireNode, ROOT } from '../electron/install.mjs';

const OUTPUT = path.join(ROOT, 'test', 'output');
const tool = (file, ...args) => ({ command: [path.join(ROOT, 'node_modules', file), ...args] });
const suite = (name) => ({
  ...tool('vitest/vitest.mjs', 'run', '--project', name, '--reporter=dot', '--reporter=./test/count-reporter.mjs'),
  counts: path.join(OUTPUT, `${name}.json`),
});
const STEPS = [
  { name: 'Lint', ...tool('eslint/bin/eslint.js', '.', '--max-warnings', '0') },
  { name: 'Integer kernels', command: [path.join(ROOT, 'core', 'kernels', 'build.mjs')] },
  { name: 'Types', ...tool('typescript/bin/tsc', '-b', 'core', 'electron', 'renderer', 'test') },
  { name: 'Types of the examples', ...tool('typescript/bin/tsc', '-p', 'examples') },
  { name: 'Import directions', ...tool('dependency-cruiser/bin/dependency-cruise.mjs', 'core', 'electron', 'renderer') },
  { name: 'Unit tests', ...suite('unit') },
  { name: 'Build of the studio', ...tool('vite/bin/vite.js', 'build', 'renderer', '--logLevel', 'warn') },
  { name: 'End-to-end tests', ...suite('e2e') },
];

requireNode();
process.chdir(ROOT);
install();
rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const { name, command, counts } of STEPS) {
  console.log(`\n== ${name}`);
  const begun = Date.now();
  const { status } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0', ...(counts ? { REQUANT_COUNTS: counts } : {}) },
  });
  if (status !== 0) failures.push(name);
  if (counts) add(counts);
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(failures.length === 0 && totals.failed === 0 ? 0 : 1);

/** A suite that wrote no counts did not get as far as its tests; its step has failed already. */
function add(file) {
  let counts;
  try { counts = JSON.parse(readFileSync(file, 'utf8')); } catch { return; }
  for (const key of Object.keys(totals)) totals[key] += counts[key];
}
