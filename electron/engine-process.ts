// Entry of the engine's process: starts the host, serves the contract on the port that main hands over, answers main's
// grants and blobs, and ends when the page lets go of its port.
import type { MessagePortMain } from 'electron';
import { emitterPortLink, serveContract } from '../core/contract/index.ts';
import { createHost } from '../core/engine/host.ts';
import { RequantError } from '../core/errors/index.ts';
import { HOME_ARGUMENT, START_ARGUMENT, type FromEngine, type Start, type ToEngine } from './engine-messages.ts';

const argument = (begins: string): string | undefined => process.argv.find((text) => text.startsWith(begins))?.slice(begins.length);
const start = JSON.parse(argument(START_ARGUMENT) ?? 'null') as Start;
const home = argument(HOME_ARGUMENT);
const host = createHost({ start, ...(home !== undefined && { home }), onGrant: (file, path, name) => tell({ kind: 'opened', file, path, name }) });
const tell = (message: FromEngine): void => process.parentPort.postMessage(message);

function serve(port: MessagePortMain): void {
  const link = emitterPortLink(port, (event) => (event as Electron.MessageEvent).data);
  serveContract(link, host.handle);
  host.onLost((message) => link.send({ kind: 'lost', message }));
  link.onClose(() => void (async () => { await host.close(); process.exit(0); })());
}

function answer(message: Exclude<ToEngine, { kind: 'connect' }>): void {
  try {
    switch (message.kind) {
      case 'grant': return tell({ kind: 'granted', id: message.id, file: host.grant(message.path, message.name, { id: message.file }) });
      case 'blob': return tell({ kind: 'bytes', id: message.id, bytes: host.blob(message.blob)?.bytes ?? null });
    }
  } catch (error) {
    tell({ kind: 'failed', id: message.id, error: RequantError.from(error).toPlain() });
  }
}

process.parentPort.on('message', ({ data, ports }) => {
  const message = data as ToEngine;
  if (message.kind !== 'connect') return answer(message);
  const port = ports[0];
  if (port) serve(port);
});
