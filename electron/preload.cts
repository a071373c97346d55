// The sandboxed preload: exposes `window.requant` (channels.ts, DesktopBridge) and passes the engine's port to the page.
import type { DesktopBridge, Invocations, Received, Reply, Sent } from './channels.ts' with { 'resolution-mode': 'import' };
import type { FileRef } from '../core/contract/index.ts' with { 'resolution-mode': 'import' };

// A plain require: the one form of import that a sandboxed preload and erasable syntax both allow.
const { contextBridge, ipcRenderer, webUtils } = require('electron') as typeof import('electron');

async function invoke<C extends keyof Invocations>(channel: C, ...args: Invocations[C]['args']): Promise<Invocations[C]['value']> {
  const reply = (await ipcRenderer.invoke(channel, ...args)) as Reply<Invocations[C]['value']>;
  if (!reply.ok) throw new Error(reply.message);
  return reply.value;
}
const send = <C extends keyof Sent>(channel: C, ...args: Sent[C]): void => ipcRenderer.send(channel, ...args);

/** Listeners of one channel. What arrives before the page listens is kept for its first listener. */
function source<C extends keyof Received>(channel: C): (listener: (...args: Received[C]) => void) => () => void {
  const listeners = new Set<(...args: Received[C]) => void>();
  const kept: Received[C][] = [];
  ipcRenderer.on(channel, (_event, ...args) => {
    if (listeners.size === 0) kept.push(args as Received[C]);
    for (const listener of listeners) listener(...(args as Received[C]));
  });
  return (listener) => {
    listeners.add(listener);
    for (const args of kept.splice(0)) listener(...args);
    return () => { listeners.delete(listener); };
  };
}

const documentId = crypto.randomUUID();
const onMenu = source('requant:menu');
const onOpenFile = source('requant:open-file');

// The port goes to the page's own world; the page checks that it comes from its own window. '*' is this window itself.
ipcRenderer.on('requant:port' satisfies keyof Received, (event) => window.postMessage('requant:port', '*', [...event.ports]));

const bridge: DesktopBridge = {
  platform: process.platform,
  connect: () => send('requant:connect', documentId),
  chooseFiles: (kind) => invoke('requant:choose-files', kind),
  grantDropped: (file) => invoke('requant:grant-dropped', webUtils.getPathForFile(file)),
  chooseSaveTarget: (name) => invoke('requant:choose-save-target', name),
  onMenu: (listener: (actionId: string) => void) => onMenu(listener),
  onOpenFile: (listener: (file: FileRef) => void) => onOpenFile(listener),
  showRecents: (files) => send('requant:recents', files),
};
contextBridge.exposeInMainWorld('requant', bridge);
