// The studio's one window.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { guardNavigation, STUDIO_ORIGIN } from './security.ts';
import { MINIMUM, readWindowState, writeWindowState } from './window-state.ts';

const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
const ICON = fileURLToPath(new URL('../../assets/icons/icon.png', import.meta.url));

const DEATHS = { most: 3, withinMs: 30_000 };

export function createWindow(): BrowserWindow {
  const stateFile = path.join(app.getPath('userData'), 'window.json');
  const state = readWindowState(stateFile, screen.getAllDisplays().map((display) => display.workArea));
  const window = new BrowserWindow({
    ...state.bounds,
    minWidth: MINIMUM.width,
    minHeight: MINIMUM.height,
    title: 'Requant',
    icon: ICON,
    show: false,
    // The page's ground (theme/tokens.css), so that nothing flashes before it is painted.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#10141a' : '#eef0f3',
    webPreferences: { preload: PRELOAD, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
  guardNavigation(window.webContents);
  if (state.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  // A page that died is loaded again, and offers what it had kept; one that dies again and again is left alone.
  let deaths: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    deaths = [...deaths.filter((at) => at > Date.now() - DEATHS.withinMs), Date.now()];
    if (deaths.length < DEATHS.most) window.webContents.reload();
    else dialog.showErrorBox('Requant’s window does not stay up', `It stopped ${DEATHS.most} times in a row (${reason}). What was open is kept and offered at the next start.`);
  });
  window.on('close', () => writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized()));
  void window.loadURL(`${STUDIO_ORIGIN}/index.html`);
  return window;
}
