// The desktop shell: one window on the studio, one engine process behind it. No logic lives here.
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, ipcMain, session } from 'electron';
import { RequantError } from '../core/errors/index.ts';
import type { Received, Sent } from './channels.ts';
import { createEngine, type Engine } from './engine.ts';
import { serveFiles } from './files.ts';
import { installMenu, type MenuTarget } from './menu.ts';
import { readRecents } from './recents.ts';
import { registerScheme, serveStudio } from './protocol.ts';
import { denyPermissions, isTrusted } from './security.ts';
import { startOf } from './start-arguments.ts';
import { createWindow } from './window.ts';

const RENDERER = fileURLToPath(new URL('../renderer', import.meta.url));
const isDevelopment = process.defaultApp ?? false;

function send<C extends Exclude<keyof Received, 'requant:port'>>(channel: C, ...args: Received[C]): void {
  BrowserWindow.getAllWindows()[0]?.webContents.send(channel, ...args);
}

function showWindow(): void {
  const window = BrowserWindow.getAllWindows()[0];
  if (!window) return void createWindow();
  if (window.isMinimized()) window.restore();
  window.focus();
}

/** Opens a file that the system hands over while the studio runs. */
async function openFile(engine: Engine, path: string): Promise<void> {
  showWindow();
  try {
    send('requant:open-file', await engine.grant(path));
    app.addRecentDocument(path);
  } catch (error) {
    dialog.showErrorBox('The file cannot be opened', RequantError.from(error).line);
  }
}

function run(): void {
  registerScheme();
  app.enableSandbox();
  app.setAppUserModelId('app.requant.studio');

  // macOS hands over a double-clicked file by this event, before the app is ready.
  let start = startOf(process.argv, process.cwd(), isDevelopment);
  let engine: Engine | null = null;
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (engine) void openFile(engine, path);
    else start = { kind: 'path', path };
  });
  app.on('second-instance', (_event, argv, cwd) => {
    const asked = startOf(argv, cwd, isDevelopment);
    if (engine && asked?.kind === 'path') void openFile(engine, asked.path);
    else showWindow();
  });
  app.on('window-all-closed', () => { if (process.platform !== 'darwin') app.quit(); });
  app.on('will-quit', () => engine?.close());

  void app.whenReady().then(() => {
    const started = (engine = createEngine(start, app.getPath('userData'), (message) => dialog.showErrorBox('Requant’s engine does not stay up', message)));
    denyPermissions(session.defaultSession);
    serveStudio(RENDERER, (id) => started.blob(id));
    serveFiles(started);
    ipcMain.on('requant:connect' satisfies keyof Sent, (event, documentId: unknown) => {
      if (isTrusted(event) && typeof documentId === 'string') started.connect(event.sender, documentId);
    });
    const target: MenuTarget = { act: (action) => send('requant:menu', action), open: (file) => send('requant:open-file', file) };
    installMenu(process.platform, target, []);
    ipcMain.on('requant:recents' satisfies keyof Sent, (event, files: unknown) => {
      const shown = isTrusted(event) ? readRecents(files) : null;
      if (shown) installMenu(process.platform, target, shown);
    });
    createWindow();
    app.on('activate', showWindow);
  });
}

// A second start hands its arguments to the first and ends.
if (app.requestSingleInstanceLock()) run();
else app.quit();
