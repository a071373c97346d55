// After a build: puts this project's own command where npx looks first, so that `npx requant` here starts at once. Without the
// link npx finds it too, by way of its cache; on Windows, where a link needs a shim, it stays that way.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const command = at('dist/core/cli/main.js');

if (process.platform !== 'win32' && existsSync(command)) {
  chmodSync(command, 0o755);
  mkdirSync(at('node_modules/.bin'), { recursive: true });
  const temporary = at(`node_modules/.bin/.requant-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync('../../dist/core/cli/main.js', temporary);
  renameSync(temporary, at('node_modules/.bin/requant'));
}
