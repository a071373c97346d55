// The studio's one window.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { guardNavigation, STUDIO_ORIGIN } from './security.ts';
import { MINIMUM, readWindowState, writeWindowState } from './window-state.ts';

const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
const ICON = fileURLToPath(new URL('../../assets/icons/icon.png', import.meta.url));

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
  window.on('close', () => writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized()));
  void window.loadURL(`${STUDIO_ORIGIN}/index.html`);
  return window;
}
