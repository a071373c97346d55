// Compiles assembly/ to dist/core/kernels/kernels.wasm, where that is missing or older than a source. Part of the build and of the unit tests.
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = 'core/kernels/assembly';
const TARGET = 'dist/core/kernels/kernels.wasm';
const OPTIONS = [
  '--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--runtime', 'stub', '--use', 'abort=',
  '--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory',
  // The first page holds control words and belongs to no allocation; 65,536 pages are all that 32 bits can address.
  '--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536',
];

const age = (file) => { try { return statSync(path.join(ROOT, file)).mtimeMs; } catch { return -Infinity; } };
const inputs = ['core/kernels/build.mjs', ...readdirSync(path.join(ROOT, SOURCES)).map((file) => `${SOURCES}/${file}`)];

/** Raises with the compiler's messages. */
export async function buildKernels() {
  if (age(TARGET) > Math.max(...inputs.map(age))) return;
  let compiler;
  try { compiler = await import('assemblyscript/asc'); }
  catch (cause) { throw new Error('assemblyscript is not installed, and the integer kernels are compiled by it: run npm install.', { cause }); }
  const temporary = `${TARGET}.${process.pid}`;
  mkdirSync(path.join(ROOT, path.dirname(TARGET)), { recursive: true });
  const { error, stderr } = await compiler.main([`${SOURCES}/index.ts`, '--baseDir', ROOT, '--outFile', temporary, ...OPTIONS]);
  if (error) throw new Error(`the integer kernels do not compile:\n${stderr.toString()}`, { cause: error });
  renameSync(path.join(ROOT, temporary), path.join(ROOT, TARGET));
}

/** The unit tests' global setup. */
export default buildKernels;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildKernels();
