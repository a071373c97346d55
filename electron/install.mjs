// What npm start and npm test need before anything else: a recent Node, the packages, a build. Plain Node, no packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE = { major: 20, minor: 19 };

/** Ends with a plain sentence where Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE.major || (major === NODE.major && minor >= NODE.minor)) return;
  console.error(`Requant needs Node ${NODE.major}.${NODE.minor} or later; this is Node ${process.versions.node}. See https://nodejs.org`);
  process.exit(1);
}

/** Whether the installed packages are those of package-lock.json. Optional ones differ from platform to platform. */
export function isInstalled(root = ROOT) {
  try {
    const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
    const installed = read('node_modules/.package-lock.json');
    return Object.entries(read('package-lock.json')).every(([place, entry]) =>
      place === '' || entry.optional || entry.devOptional || (installed[place]?.version === entry.version && existsSync(path.join(root, place))));
  } catch {
    return false;
  }
}

/** Installs what is missing. Scripts of packages are left out: all they do here is fetch what is not needed (CUDA). */
export function install() {
  if (isInstalled()) return;
  console.log('Installing packages (npm ci) ...');
  finish(npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']), 'npm ci');
}

export function build() {
  console.log('Building ...');
  finish(npm(['run', '--silent', 'build']), 'npm run build');
}

/** npm as it runs now, else the one on the path. Its output is kept for {@link finish}. */
function npm(args) {
  const own = process.env.npm_execpath;
  const options = { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 };
  if (own?.endsWith('.js')) return spawnSync(process.execPath, [own, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Shows the output of a command that failed, and ends. */
function finish(result, name) {
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(`${name} failed${result.error ? `: ${result.error.message}` : ''}.`);
  process.exit(1);
}
