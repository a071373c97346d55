// npm test: installs what is missing, then the integer kernels, types, import directions and unit tests, with lint beside them, then end-to-end tests.
// Every step runs, whatever became of the one before; the last line counts tests, and the exit code is 0 only where all went well.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { install, requireNode, ROOT } from '../electron/install.mjs';

const OUTPUT = path.join(ROOT, 'test', 'output');
const tool = (file, ...args) => ({ command: [path.join(ROOT, 'node_modules', file), ...args] });
const suite = (name) => ({
  ...tool('vitest/vitest.mjs', 'run', '--project', name, '--reporter=dot', '--reporter=./test/count-reporter.mjs'),
  counts: path.join(OUTPUT, `${name}.json`),
});
const step = (name, what) => ({ name, ...what });
const FIRST = [
  step('Integer kernels', { command: [path.join(ROOT, 'core', 'kernels', 'build.mjs')] }),
  step('Types', tool('typescript/bin/tsc', '-b', 'core', 'electron', 'renderer', 'test')),
];
/** Reads the types that were written, and computes on one core alone. */
const BESIDE = step('Lint', tool('eslint/bin/eslint.js', '.', '--max-warnings', '0'));
const MEANWHILE = [
  step('Types of the examples', tool('typescript/bin/tsc', '-p', 'examples')),
  step('Import directions', tool('dependency-cruiser/bin/dependency-cruise.mjs', 'core', 'electron', 'renderer')),
  step('Unit tests', suite('unit')),
  step('Build of the studio', tool('vite/bin/vite.js', 'build', 'renderer', '--logLevel', 'warn')),
];
/** Browsers and engines at work have the machine to themselves. */
const LAST = step('End-to-end tests', suite('e2e'));

requireNode();
process.chdir(ROOT);
install();
rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const one of FIRST) await perform(one);
const beside = perform(BESIDE, { aside: true });
for (const one of MEANWHILE) await perform(one);
await beside;
await perform(LAST);
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(failures.length === 0 && totals.failed === 0 ? 0 : 1);

/** Runs one step. What a step `aside` of others has to say is kept until it ends, so that nothing is mixed. */
async function perform({ name, command, counts }, { aside = false } = {}) {
  console.log(`\n== ${name}${aside ? ', beside the steps that follow' : ''}`);
  const begun = Date.now();
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', ...(aside ? ['pipe', 'pipe'] : ['inherit', 'inherit'])],
    env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0', ...(counts ? { REQUANT_COUNTS: counts } : {}) },
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  const status = await new Promise((resolve) => { child.on('close', resolve); child.on('error', resolve); });
  if (status !== 0) failures.push(name);
  if (counts) add(counts);
  process.stdout.write(Buffer.concat(said));
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** A suite that wrote no counts did not get as far as its tests; its step has failed already. */
function add(file) {
  let counts;
  try { counts = JSON.parse(readFileSync(file, 'utf8')); } catch { return; }
  for (const key of Object.keys(totals)) totals[key] += counts[key];
}
