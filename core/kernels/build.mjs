// Compiles assembly/ to two modules beside the built code, where one is missing or older than a source. Part of the build and of the unit tests.
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = 'core/kernels/assembly';
const OPTIONS = [
  '--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--runtime', 'stub', '--use', 'abort=',
  '--enable', 'simd', '--enable', 'bulk-memory',
  // The first page holds control words and belongs to no allocation; 65,536 pages are all that 32 bits can address.
  '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536',
];
const TARGETS = [
  { source: 'index.ts', target: 'dist/core/kernels/kernels.wasm', options: ['--enable', 'threads', '--sharedMemory'] },
  // ONNX Runtime writes into no shared memory, and what it writes is observed where it lies.
  { source: 'observe.ts', target: 'dist/core/kernels/observe.wasm', options: [] },
];

const age = (file) => { try { return statSync(path.join(ROOT, file)).mtimeMs; } catch { return -Infinity; } };
const inputs = ['core/kernels/build.mjs', ...readdirSync(path.join(ROOT, SOURCES)).map((file) => `${SOURCES}/${file}`)];

/** Raises with the compiler's messages. */
export async function buildKernels() {
  const old = TARGETS.filter(({ target }) => age(target) <= Math.max(...inputs.map(age)));
  if (old.length === 0) return;
  let compiler;
  try { compiler = await import('assemblyscript/asc'); }
  catch (cause) { throw new Error('assemblyscript is not installed, and the integer kernels are compiled by it: run npm install.', { cause }); }
  for (const { source, target, options } of old) {
    const temporary = `${target}.${process.pid}`;
    mkdirSync(path.join(ROOT, path.dirname(target)), { recursive: true });
    const { error, stderr } = await compiler.main([`${SOURCES}/${source}`, '--baseDir', ROOT, '--outFile', temporary, ...OPTIONS, ...options]);
    if (error) throw new Error(`the integer kernels do not compile:\n${stderr.toString()}`, { cause: error });
    renameSync(path.join(ROOT, temporary), path.join(ROOT, target));
  }
}

/** The unit tests' global setup. */
export default buildKernels;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildKernels();
