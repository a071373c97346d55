// The user's data folder: settings, recent files and kept sittings. The desktop has its own; this is the one of `requant serve`.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** $REQUANT_HOME, or where each system keeps such things. */
export function defaultHome(environment: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform, user = homedir()): string {
  const own = environment['REQUANT_HOME'];
  if (own) return own;
  switch (platform) {
    case 'win32': return join(environment['LOCALAPPDATA'] ?? join(user, 'AppData', 'Local'), 'Requant', 'serve');
    case 'darwin': return join(user, 'Library', 'Application Support', 'Requant', 'serve');
    default: return join(environment['XDG_STATE_HOME'] ?? join(user, '.local', 'state'), 'requant');
  }
}
