// One WebSocket as a link to the engine. A message that does not parse ends this connection and nothing else.
import { WebSocket, type RawData } from 'ws';
import { socketLink, type Link, type Socket } from '../../contract/index.ts';

const INVALID = 1007;

export function engineLink(ws: WebSocket): Link {
  const messages: ((event: { readonly data: unknown }) => void)[] = [];
  const closes: (() => void)[] = [];
  ws.on('message', (data: RawData, isBinary: boolean) => {
    try {
      if (isBinary) throw new TypeError('text is expected');
      const text = Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
      for (const listener of messages) listener({ data: text });
    } catch {
      ws.close(INVALID, 'the message cannot be read');
    }
  });
  ws.on('close', () => { for (const listener of closes) listener(); });
  // A broken connection also closes, and that is what is listened to.
  ws.on('error', () => undefined);
  const socket: Socket = {
    send: (text) => { if (ws.readyState === WebSocket.OPEN) ws.send(text); },
    addEventListener: (type: 'message' | 'close', listener: ((event: { readonly data: unknown }) => void) | (() => void)) => {
      if (type === 'message') messages.push(listener); else closes.push(listener as () => void);
    },
    close: () => ws.close(),
  };
  return socketLink(socket);
}
