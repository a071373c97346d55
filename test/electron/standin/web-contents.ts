// webContents: a Chromium page with the preload in an isolated world, reached over the DevTools protocol.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { WebPreferences } from 'electron';
import type { CDPSession, Page } from 'playwright-core';
import { makeClone } from './clone.ts';
import { makeEvent } from './events.ts';
import { ipcMain } from './ipc-main.ts';
import { makeMembrane, refuseTransfers } from './page-membrane.ts';
import { makePreloadWorld, type FromPage, type ToPage } from './page-preload.ts';
import { remotePorts, type MessagePortMain } from './ports.ts';
import { address, chromiumContext, tenants, type Tenant } from './session.ts';

const WORLD = 'electron-preload';
const BINDING = 'standinSend';
const RECEIVER = 'standinReceive';
type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };
const clone = makeClone();
let last = 0;

export class WebContents extends EventEmitter {
  readonly id = ++last;
  #page: Page | null = null;
  #devtools: CDPSession | null = null;
  #world: number | null = null;
  #destroyed = false;
  #openHandler: OpenHandler = () => ({ action: 'allow' });
  #loading = '';
  #queue: Promise<unknown> = Promise.resolve();
  #ports = remotePorts((message) => this.#tell(message.t === 'port' ? { ...message, data: clone.encode(message.data) } : message));
  #tenant: Tenant = {
    owns: (page) => page === this.#page,
    emit: (event, ...args) => this.emit(event, ...args),
    loading: () => this.#loading,
    openWindow: (url) => this.#openHandler({ url }).action,
  };
  readonly mainFrame: { readonly url: string; readonly parent: null };

  constructor() {
    super();
    const url = (): string => this.getURL();
    this.mainFrame = { get url() { return url(); }, parent: null };
  }
  getURL(): string { return this.#page ? address.fromHttp(this.#page.url()) : ''; }
  isDestroyed(): boolean { return this.#destroyed; }
  reload(): void { void this.standin.load(this.getURL()); }
  setWindowOpenHandler(handler: OpenHandler): void { this.#openHandler = handler; }
  send(channel: string, ...args: unknown[]): void { this.#tell({ t: 'send', channel, args: clone.encode(args), ports: [] }); }
  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    this.#tell({ t: 'send', channel, args: clone.encode([message]), ports: transfer.map((port) => this.#ports.give(port)) });
  }

  /** For the stand-in and its tests. */
  readonly standin = {
    page: (): Page => { if (!this.#page) throw new Error('The page is not there yet'); return this.#page; },
    open: (preferences: WebPreferences, size: { width: number; height: number }): Promise<void> => this.#inTurn(() => this.#open(preferences, size)),
    load: (url: string): Promise<void> => this.#inTurn(async () => {
      this.#loading = address.toHttp(url);
      try { await this.#page?.goto(this.#loading, { waitUntil: 'load' }); } finally { this.#loading = ''; }
    }),
    /** As if the user dropped a file of this name from this path. */
    dropPath: (name: string, path: string): void => this.#tell({ t: 'dropped-path', name, path }),
    ports: (): number => this.#ports.count(),
    close: async (): Promise<void> => {
      if (this.#destroyed) return;
      this.#destroyed = true;
      tenants.delete(this.#tenant);
      await this.#page?.close();
      this.#ports.closeAll();
      this.emit('destroyed');
    },
  };

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(job);
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #open(preferences: WebPreferences, size: { width: number; height: number }): Promise<void> {
    if (preferences.sandbox === false || preferences.contextIsolation === false || preferences.nodeIntegration) throw new Error('The stand-in runs sandboxed, isolated pages only');
    const page = await (await chromiumContext()).newPage();
    this.#page = page;
    tenants.add(this.#tenant);
    await page.setViewportSize(size);
    const devtools = await page.context().newCDPSession(page);
    this.#devtools = devtools;
    await devtools.send('Page.enable');
    await devtools.send('Runtime.enable');
    const { frameTree } = await devtools.send('Page.getFrameTree');
    devtools.on('Runtime.bindingCalled', (event) => { if (event.name === BINDING) void this.#receive(JSON.parse(event.payload) as FromPage); });
    devtools.on('Runtime.executionContextCreated', ({ context }) => {
      const of = context.auxData as { frameId?: string } | undefined;
      if (context.name !== WORLD || of?.frameId !== frameTree.frame.id) return;
      // A new document: the old one's world may be reported destroyed only later.
      if (this.#world !== null) this.#ports.closeAll();
      this.#world = context.id;
    });
    devtools.on('Runtime.executionContextDestroyed', (event) => {
      if (event.executionContextId !== this.#world) return;
      this.#world = null;
      this.#ports.closeAll();
    });
    await devtools.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD });
    const secret = `requant-${crypto.randomUUID()}-`;
    const topOnly = (source: string): string => `if (window === top) { ${source} }`;
    await devtools.send('Page.addScriptToEvaluateOnNewDocument', { source: topOnly(`(${makeMembrane.toString()})('${secret}', 'main'); (${refuseTransfers.toString()})();`) });
    if (preferences.preload !== undefined) await devtools.send('Page.addScriptToEvaluateOnNewDocument', { worldName: WORLD, source: topOnly(preloadSource(preferences.preload, secret)) });
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  }

  /** In order, and once the preload's world is there; lost, as in Electron, where it never comes. */
  #tell(message: ToPage): void {
    void this.#inTurn(async () => {
      for (let tries = 0; tries < 400 && this.#world === null && !this.#destroyed; tries++) await new Promise((resolve) => setTimeout(resolve, 5));
      if (this.#world === null || this.#destroyed) return;
      await this.#devtools?.send('Runtime.callFunctionOn', {
        functionDeclaration: `function (text) { ${RECEIVER}(text); }`, arguments: [{ value: JSON.stringify(message) }], executionContextId: this.#world,
      }).catch(() => undefined);
    });
  }

  async #receive(message: FromPage): Promise<void> {
    switch (message.t) {
      case 'port': return this.#ports.receive({ ...message, data: clone.decode(message.data) });
      case 'port-closed': return this.#ports.receive(message);
      case 'send': ipcMain.emit(message.channel, this.#event(), ...(clone.decode(message.args) as unknown[])); return;
      case 'invoke':
        try { this.#tell({ t: 'reply', id: message.id, value: clone.encode(await ipcMain.standin(message.channel, this.#event(), clone.decode(message.args) as unknown[])) }); }
        catch (error) { this.#tell({ t: 'refusal', id: message.id, message: error instanceof Error ? error.message : String(error) }); }
    }
  }
  #event(): object { return makeEvent({ sender: this, senderFrame: this.mainFrame }); }
}

/** The preload as a sandbox runs it: a CommonJS function with `electron` as the one module. */
function preloadSource(file: string, secret: string): string {
  const source = readFileSync(file, 'utf8');
  if (/^\s*(import|export)\s/m.test(source)) throw new Error(`Unable to load preload script ${file}: a sandboxed preload must be CommonJS`);
  return `const world = (${makePreloadWorld.toString()})(globalThis.${BINDING}, ${JSON.stringify(process.platform)}, (${makeClone.toString()})(), (${makeMembrane.toString()})('${secret}', 'isolated'));
    globalThis.${RECEIVER} = world.receive; delete globalThis.${BINDING};
    (function (require, process, exports, module) { ${source}\n })(world.require, world.process, {}, { exports: {} });`;
}
