// The studio's server: static files, uploads, downloads, and the contract over a WebSocket; on 127.0.0.1 only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { serveContract, type Link } from '../../contract/index.ts';
import type { Host } from '../../engine/host.ts';
import { RequantError } from '../../errors/index.ts';
import { createToken, hasToken, isOwnHost, isOwnOrigin } from './access.ts';
import { answer, answerJson, answerText } from './answers.ts';
import { engineLink } from './engine-socket.ts';
import { serveStatic } from './statics.ts';
import { createUploads, UPLOAD_LIMIT, type Upload, type Uploads } from './uploads.ts';

export interface StudioServer {
  readonly port: number;
  readonly token: string;
  /** The address to open, token included. */
  readonly url: string;
  /** Closes connections, the engine and the uploads. */
  close(): Promise<void>;
}

export interface StudioServerOptions {
  readonly host: Pick<Host, 'handle' | 'grant' | 'blob' | 'onLost' | 'close'>;
  /** Folder of the built studio. */
  readonly root: string;
  /** 0: any free port. */
  readonly port?: number;
  readonly uploadLimit?: number;
}

/** Messages carry no bulk data; what is larger than this is none of ours. */
const MESSAGE_LIMIT = 2 ** 26;
const ADDRESS = '127.0.0.1';

/** Starts to listen. Raises CONFIG_INVALID where the port is taken. */
export async function startStudioServer(options: StudioServerOptions): Promise<StudioServer> {
  const { host, root } = options;
  const token = createToken();
  const uploads = await createUploads(options.uploadLimit ?? UPLOAD_LIMIT);
  const sent = new Map<string, Upload>();
  const links = new Set<Link>();
  host.onLost((message: string) => { for (const link of links) link.send({ kind: 'lost', message }); });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT });
  const server = createServer((request, response) => {
    route(request, response, { host, root, token, uploads, sent }).catch((error: unknown) => fail(response, error));
  });
  // Node's own limit on the time of a request would end the upload of a large file.
  server.requestTimeout = 0;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const url = urlOf(request);
    if (!isOwnHost(request) || !isOwnOrigin(request) || url?.pathname !== '/_engine' || !hasToken(request, url, token)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const link = engineLink(ws);
      links.add(link);
      link.onClose(() => links.delete(link));
      serveContract(link, host.handle);
    });
  });

  let port: number;
  try {
    port = await listen(server, options.port ?? 0);
  } catch (error) {
    uploads.close();
    throw error;
  }
  return {
    port, token,
    url: `http://${ADDRESS}:${port}/?token=${token}`,
    close: async () => {
      for (const ws of sockets.clients) ws.terminate();
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      server.closeAllConnections();
      await closed;
      await host.close();
      uploads.close();
    },
  };
}

interface Rooms {
  readonly host: StudioServerOptions['host'];
  readonly root: string;
  readonly token: string;
  readonly uploads: Uploads;
  /** Uploads by the id that the page knows them by. */
  readonly sent: Map<string, Upload>;
}

async function route(request: IncomingMessage, response: ServerResponse, { host, root, token, uploads, sent }: Rooms): Promise<void> {
  if (!isOwnHost(request) || !isOwnOrigin(request)) return answerText(response, 403, 'This server answers its own page only.');
  const url = urlOf(request);
  if (!url) return answerText(response, 400, 'The address cannot be read.');
  const reads = request.method === 'GET' || request.method === 'HEAD';

  if (url.pathname === '/_file') {
    if (!hasToken(request, url, token)) return answerText(response, 403, 'The token is missing or wrong.', { connection: 'close' });
    if (request.method !== 'POST') return answerText(response, 405, 'Files are sent by POST.', { allow: 'POST' });
    const name = url.searchParams.get('name') ?? '', beside = url.searchParams.get('beside');
    if (beside !== null) {
      const first = sent.get(beside);
      if (!first) throw new RequantError('MESSAGE_INVALID', 'there is no such upload to put a file beside');
      const { size } = await uploads.receiveBeside(first, request, name);
      // The model names it; the page does not.
      return answerJson(response, 200, { size });
    }
    const upload = await uploads.receive(request, name);
    const file = host.grant(upload.path, upload.name, { uploaded: true });
    sent.set(file.id, upload);
    return answerJson(response, 200, { ...file, name: upload.name, size: upload.size });
  }
  if (!reads) return answerText(response, 405, 'This address is only for reading.', { allow: 'GET, HEAD', connection: 'close' });
  if (url.pathname.startsWith('/_blob/')) {
    if (!hasToken(request, url, token)) return answerText(response, 403, 'The token is missing or wrong.');
    const blob = host.blob(decodeURIComponent(url.pathname.slice('/_blob/'.length)));
    if (!blob) return answerText(response, 404, 'There is nothing here.');
    return answer(response, 200, 'application/octet-stream', blob.bytes, { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(blob.name)}` });
  }
  return serveStatic(response, root, url.pathname);
}

/** The address asked for. Put together as text, so that `//name` stays a path and becomes no other host. */
function urlOf(request: IncomingMessage): URL | undefined {
  const address = `http://${ADDRESS}${request.url ?? ''}`;
  return request.url?.startsWith('/') && URL.canParse(address) ? new URL(address) : undefined;
}

const STATUS: Readonly<Partial<Record<string, number>>> = { FORMAT_TOO_LARGE: 413, BUDGET_EXCEEDED: 413, MESSAGE_INVALID: 400 };

function fail(response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof URIError) return answerText(response, 400, 'The address cannot be read.');
  const error = RequantError.from(thrown);
  if (response.headersSent || response.destroyed) { response.destroy(); return; }
  // What is left of the body is not wanted any more.
  response.shouldKeepAlive = false;
  answerJson(response, STATUS[error.code] ?? 500, error.toPlain());
  response.req.resume();
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new RequantError('CONFIG_INVALID', `port ${port} cannot be used: ${error.message}`, {}, { hint: 'Give another one with --port, or none.', cause: error })));
    server.listen(port, ADDRESS, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
