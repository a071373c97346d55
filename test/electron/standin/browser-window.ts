// BrowserWindow: a frame around webContents that remembers its bounds and closes as Electron's does.
import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { app, endings, lifecycle } from './app.ts';
import { makeEvent } from './events.ts';
import { WebContents } from './web-contents.ts';

const windows = new Set<BrowserWindow>();

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents();
  readonly id = this.webContents.id;
  #options: BrowserWindowConstructorOptions;
  #bounds: Rectangle;
  #visible: boolean;
  #maximized = false;
  #closed = false;

  static getAllWindows(): BrowserWindow[] { return [...windows]; }
  static getFocusedWindow(): BrowserWindow | null { return [...windows].at(-1) ?? null; }
  static fromWebContents(contents: WebContents): BrowserWindow | null { return [...windows].find((one) => one.webContents === contents) ?? null; }

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super();
    if (!lifecycle.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    this.#options = options;
    this.#visible = options.show !== false;
    this.#bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 };
    windows.add(this);
    this.webContents.standin.open(options.webPreferences ?? {}, this.#bounds).catch((error: unknown) => console.error('stand-in:', error));
    app.emit('browser-window-created', makeEvent({}), this);
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.standin.load(url);
    this.emit('ready-to-show');
  }
  show(): void { this.#visible = true; this.emit('show'); }
  isVisible(): boolean { return this.#visible; }
  focus(): void { this.emit('focus'); }
  maximize(): void { this.#maximized = true; this.emit('maximize'); }
  isMaximized(): boolean { return this.#maximized; }
  isMinimized(): boolean { return false; }
  restore(): void { this.#maximized = false; this.emit('restore'); }
  isDestroyed(): boolean { return this.#closed; }
  getBounds(): Rectangle { return this.#bounds; }
  getNormalBounds(): Rectangle { return this.#bounds; }
  setBounds(bounds: Partial<Rectangle>): void { this.#bounds = { ...this.#bounds, ...bounds }; }
  close(): void { void this.standin.close(); }

  /** For the stand-in and its tests. */
  readonly standin = {
    options: (): BrowserWindowConstructorOptions => this.#options,
    close: async (): Promise<boolean> => {
      const event = makeEvent({});
      this.emit('close', event);
      if (event.defaultPrevented) return false;
      await this.webContents.standin.close();
      if (this.#closed) return true;
      this.#closed = true;
      windows.delete(this);
      this.emit('closed');
      if (windows.size === 0 && !lifecycle.isQuitting()) {
        if (!app.emit('window-all-closed')) app.quit();
      }
      return true;
    },
  };
}

endings.closeWindows = async () => {
  for (const window of windows) if (!(await window.standin.close())) return false;
  return true;
};
