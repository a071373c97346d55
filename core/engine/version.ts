// The version, from package.json.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
function read(): string {
  // dist/core/engine when built, core/engine in tests.
  for (const path of ['../../../package.json', '../../package.json']) {
    try {
      const { name, version } = require(path) as { name?: string; version?: string };
      if (name === 'requant' && version) return version;
    } catch { /* the other place, then */ }
  }
  return '0.0.0';
}
export const VERSION = read();
