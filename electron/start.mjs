// npm start [-- MODEL] [--port P] [--browser]: installs what is missing, builds, and opens the studio: in Electron where its
// binary and a display are to be had, else the same studio in a browser on 127.0.0.1. Plain Node, no packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, install, requireNode, ROOT } from './install.mjs';

const FETCH_MS = 180_000;
/** Electron that ends with an error this early did not start at all (no sandbox allowed, a library missing). */
const EARLY_MS = 4000;
const ELECTRON = path.join(ROOT, 'node_modules', 'electron');

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' }, browser: { type: 'boolean' } } });
    // npm runs this in the project's folder; the model's path starts where the user is.
    const model = positionals[0] && path.resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]);
    if (positionals.length > 1) throw new Error('one model at a time');
    return { model, port: values.port, browser: values.browser ?? false };
  } catch (error) {
    console.error(`npm start [-- MODEL] [--port P] [--browser]: ${error.message}`);
    process.exit(2);
  }
}

/** Why there can be no window here, or null. */
function noWindow(args) {
  if (args.browser || args.port !== undefined) return 'a browser was asked for';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display';
  if (process.platform === 'linux' && process.getuid?.() === 0) return 'Electron does not run as root';
  return null;
}

function binary() {
  try {
    const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(ELECTRON, 'dist');
    const file = path.join(folder, readFileSync(path.join(ELECTRON, 'path.txt'), 'utf8').trim());
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** Electron's binary, fetched by the package's own script where it is missing. */
function fetchBinary() {
  const have = binary();
  if (have) return have;
  console.log('Fetching Electron (about 110 MB, once) ...');
  spawnSync(process.execPath, [path.join(ELECTRON, 'install.js')], { cwd: ROOT, stdio: 'ignore', timeout: FETCH_MS });
  return binary();
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program until it ends; a signal to this one ends it. It has a process group of its own, so that Ctrl-C, which
 * reaches npm and this process too, comes to it once and not three times: a second one would mean "at once".
 */
function run(command, args) {
  const own = process.platform !== 'win32';
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', detached: own });
  let told = false;
  const pass = () => {
    if (own && !told) child.kill('SIGTERM');
    told = true;
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  // npm that is ended by a signal ends its shell and leaves this orphaned: then there is nobody left to serve.
  const parent = process.ppid;
  const orphaned = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
  const watch = setInterval(() => { if (orphaned()) pass(); }, 500);
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve(told ? 0 : code ?? 1);
    };
    child.on('error', () => end(1));
    child.on('exit', end);
  });
}

async function openWindow(program, { model }) {
  const begun = Date.now();
  const code = await run(program, ['.', model ?? '--sample']);
  if (code === 0 || Date.now() - begun > EARLY_MS) process.exit(code);
  return 'Electron did not start';
}

async function serve(reason, { model, port }) {
  console.log(`Opening in the browser instead of a window: ${reason}.`);
  const cli = path.join(ROOT, 'dist', 'core', 'cli', 'main.js');
  process.exit(await run(process.execPath, [cli, 'serve', model ?? '--sample', ...(port === undefined ? [] : ['--port', port])]));
}

const args = readArguments();
requireNode();
install();
build();
let reason = noWindow(args);
if (!reason) {
  const program = fetchBinary();
  reason = program ? await openWindow(program, args) : 'Electron\'s binary is not here and could not be fetched';
}
await serve(reason, args);
