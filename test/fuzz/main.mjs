// npm run fuzz [-- COUNT [SEED]]: mutated TFLite files are opened, converted and run in a process of their own, which is watched for crashes and hangs.
// Prints counts, the slowest file and the peak of memory; the exit code is 0 only where every file was refused clearly or works.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
/** Longer without a sign of life is a hang. */
const SILENCE_MS = 30_000;

if (process.env.REQUANT_FUZZ_CHILD) await work();
else watch();

async function work() {
  const { module } = await runnerImport(fileURLToPath(new URL('batch.ts', import.meta.url)), { configFile: false, logLevel: 'error' });
  const batch = await module.runBatch(seed, count, (i, what) => process.send({ at: what, i }));
  process.send({ batch }, () => process.disconnect());
}

function watch() {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), { env: { ...process.env, REQUANT_FUZZ_CHILD: '1' } });
  let at = 'the files that are not mutated';
  let done = false;
  let timer;
  const alive = () => { clearTimeout(timer); timer = setTimeout(() => { console.log(`hangs at ${at}`); child.kill('SIGKILL'); }, SILENCE_MS); };
  alive();
  child.on('message', (message) => {
    alive();
    if (message.batch) { done = true; print(message.batch); return; }
    at = message.at;
    if (message.i > 0 && message.i % 1000 === 0) console.log(`${message.i} files`);
  });
  child.on('exit', (code, signal) => {
    clearTimeout(timer);
    if (!done || code !== 0) { console.log(`the process ended with ${signal ?? code} at ${at}`); process.exitCode = 1; }
  });
}

function print({ files, outcomes, slowest, peakMb, failures }) {
  console.log(`${files} mutated files, seed ${seed}`);
  for (const [code, n] of Object.entries(outcomes).sort((a, b) => b[1] - a[1])) console.log(`  ${String(n).padStart(6)}  ${code}`);
  console.log(`slowest: ${slowest.ms.toFixed(0)} ms, ${slowest.what}`);
  console.log(`peak memory above the first files: ${peakMb.toFixed(0)} MB`);
  for (const failure of failures.slice(0, 20)) console.log(`FAILED  ${failure}`);
  console.log(failures.length === 0 ? 'no failure' : `${failures.length} failures`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
