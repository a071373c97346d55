// What a sandboxed preload finds: require('electron') and process. Runs in the page's isolated world, as text, with the
// clone and the membrane given to it. Uses nothing from outside itself.
import type { Clone } from './clone.ts';
import type { Membrane } from './page-membrane.ts';

/** Page to Node. */
export type FromPage =
  | { readonly t: 'invoke'; readonly id: number; readonly channel: string; readonly args: unknown }
  | { readonly t: 'send'; readonly channel: string; readonly args: unknown }
  | { readonly t: 'port'; readonly id: number; readonly data: unknown }
  | { readonly t: 'port-closed'; readonly id: number };
/** Node to page. */
export type ToPage =
  | { readonly t: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly t: 'refusal'; readonly id: number; readonly message: string }
  | { readonly t: 'send'; readonly channel: string; readonly args: unknown; readonly ports: readonly number[] }
  | { readonly t: 'port'; readonly id: number; readonly data: unknown }
  | { readonly t: 'port-closed'; readonly id: number }
  | { readonly t: 'dropped-path'; readonly name: string; readonly path: string };

export interface PreloadWorld { readonly require: (name: string) => unknown; readonly process: object; readonly receive: (text: string) => void }

export function makePreloadWorld(send: (text: string) => void, platform: string, clone: Clone, membrane: Membrane): PreloadWorld {
  type Listener = (event: { sender: unknown; ports: MessagePort[] }, ...args: unknown[]) => void;
  const listeners = new Map<string, Set<Listener>>();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const ports = new Map<number, MessagePort>();
  const dropped = new Map<string, string>();
  let last = 0;
  const tell = (message: FromPage): void => send(JSON.stringify(message));

  /** The page's end of a port of main; what passes through it is relayed. */
  const open = (id: number): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port1);
    port1.onmessage = (event) => tell({ t: 'port', id, data: clone.encode(event.data) });
    port1.addEventListener('close', () => { if (ports.delete(id)) tell({ t: 'port-closed', id }); });
    return port2;
  };

  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) => new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      tell({ t: 'invoke', id, channel, args: clone.encode(args) });
    }),
    send: (channel: string, ...args: unknown[]) => tell({ t: 'send', channel, args: clone.encode(args) }),
    on: (channel: string, listener: Listener) => {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      return ipcRenderer;
    },
    off: (channel: string, listener: Listener) => { listeners.get(channel)?.delete(listener); return ipcRenderer; },
  };
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => membrane.expose(name, api) },
    ipcRenderer,
    // Empty for a File that the page made itself, as in Electron.
    webUtils: { getPathForFile: (file: File) => dropped.get(file.name) ?? '' },
  };

  const receive = (text: string): void => {
    const message = JSON.parse(text) as ToPage;
    switch (message.t) {
      case 'reply': waiting.get(message.id)?.resolve(clone.decode(message.value)); waiting.delete(message.id); return;
      case 'refusal': waiting.get(message.id)?.reject(new Error(message.message)); waiting.delete(message.id); return;
      case 'send': {
        const event = { sender: ipcRenderer, ports: message.ports.map(open) };
        for (const listener of [...(listeners.get(message.channel) ?? [])]) listener(event, ...(clone.decode(message.args) as unknown[]));
        return;
      }
      case 'port': ports.get(message.id)?.postMessage(clone.decode(message.data)); return;
      case 'port-closed': { const port = ports.get(message.id); ports.delete(message.id); port?.close(); return; }
      case 'dropped-path': dropped.set(message.name, message.path); return;
    }
  };
  return {
    require: (name) => {
      if (name === 'electron' || name === 'electron/renderer') return electron;
      throw new Error(`module not found: ${name} (a sandboxed preload has only electron)`);
    },
    process: { platform, type: 'renderer', sandboxed: true, contextIsolated: true, env: {}, versions: {} },
    receive,
  };
}
