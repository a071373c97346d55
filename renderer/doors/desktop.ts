// The desktop door: Electron. The preload script offers `window.requant`; ports to the engine arrive as window messages.
import { webPortLink, type FileKind, type FileRef, type Link, type RecentView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { downloadUrl, saveBytes, type Door } from './door.ts';
import { modelWithData } from './model-files.ts';

/** What the preload script puts on the window. The page never sees a path. */
export interface DesktopBridge {
  readonly platform: string;
  connect(): void;
  chooseFiles(kind: FileKind): Promise<FileRef[]>;
  grantDropped(file: File): Promise<FileRef>;
  chooseSaveTarget(name: string): Promise<FileRef | null>;
  onMenu(listener: (action: string) => void): () => void;
  onOpenFile(listener: (file: FileRef) => void): () => void;
  showRecents(files: readonly RecentView[]): void;
}

const PORT_MESSAGE = 'requant:port';
const CONNECT_MS = 20_000;

export function desktopDoor(bridge: DesktopBridge): Door {
  // A port can come before it is asked for (a restarted engine), so the newest one is kept.
  let ready: MessagePort | null = null;
  let waiting: ((port: MessagePort) => void) | null = null;
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const [port] = event.ports;
    if (event.source !== window || event.data !== PORT_MESSAGE || !port) return;
    if (waiting) waiting(port);
    else ready = port;
  });

  const nextPort = (): Promise<MessagePort> => new Promise((resolve, reject) => {
    if (ready) {
      resolve(ready);
      ready = null;
      return;
    }
    const late = setTimeout(() => {
      waiting = null;
      reject(new RequantError('ENGINE_LOST', 'The engine did not answer'));
    }, CONNECT_MS);
    waiting = (port) => {
      clearTimeout(late);
      waiting = null;
      resolve(port);
    };
    bridge.connect();
  });

  return {
    name: 'desktop',
    connect: async (): Promise<Link> => webPortLink(await nextPort()),
    chooseFiles: (kind) => bridge.chooseFiles(kind),
    dropped: (transfer) => Promise.resolve([...transfer.files].map((file) => ({ file, path: file.name }))),
    // Weights in other files lie beside the model on the disk already.
    acceptDropped: (files, meaning) => Promise.all((meaning === 'model' ? [modelWithData(files).model] : files).map(({ file }) => bridge.grantDropped(file))),
    saveTarget: (name) => bridge.chooseSaveTarget(name),
    projectTarget: (name) => bridge.chooseSaveTarget(name),
    download: (blob, name) => {
      downloadUrl(`/_blob/${encodeURIComponent(blob)}`, name);
      return Promise.resolve();
    },
    saveFile: saveBytes,
    onMenu: (listener) => bridge.onMenu(listener),
    onOpenFile: (listener) => bridge.onOpenFile(listener),
    showRecents: (files) => bridge.showRecents(files),
  };
}
