// Links over the two carriers: message ports (Electron, worker threads) and WebSocket (serve). Structural types, so that
// browser, Node and Electron objects fit alike.
import { decodeMessage, encodeMessage } from './codec.ts';
import type { Link } from './wire.ts';

/** A MessagePort of the web platform (page, worker). */
export interface WebPort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void;
  start(): void;
  close(): void;
}
export function webPortLink(port: WebPort): Link {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => { port.addEventListener('message', (event) => listener(event.data)); port.start(); },
    onClose: (listener) => port.addEventListener('close', () => listener()),
    close: () => port.close(),
  };
}

/** A Node emitter-style port: worker_threads' MessagePort gives the message, Electron's MessagePortMain an event with `data`. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (message: unknown) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}
export function emitterPortLink(port: EmitterPort, unwrap: (message: unknown) => unknown = (message) => message): Link {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => { port.on('message', (message) => listener(unwrap(message))); port.start(); },
    onClose: (listener) => { port.on('close', listener); },
    close: () => port.close(),
  };
}

/** A WebSocket of the web platform or of `ws`. */
export interface Socket {
  send(text: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  close(): void;
}
export function socketLink(socket: Socket): Link {
  return {
    send: (message) => socket.send(encodeMessage(message)),
    onMessage: (listener) => socket.addEventListener('message', (event) => listener(decodeMessage(String(event.data)))),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  };
}
