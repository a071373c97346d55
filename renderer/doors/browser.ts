// The browser door: `requant serve`. WebSocket to the engine, uploads and downloads over HTTP, a token for both. Files are chosen on the engine's side
// of the wire or sent over it.
import { endsAs, socketLink, type FileKind, type FileRef, type Link } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { askPicker } from '../stores/file-picker.ts';
import { acceptOf, saveBytes, type Door } from './door.ts';
import { droppedFiles } from './dropped.ts';
import { modelWithData, type SentFile } from './model-files.ts';

const TOKEN_KEY = 'requant.token';
const UPLOADS_AT_ONCE = 4;

/** The token from the address, kept for this tab and then taken out of the address bar. */
function takeToken(): string {
  const url = new URL(location.href);
  const given = url.searchParams.get('token');
  if (given === null) return sessionStorage.getItem(TOKEN_KEY) ?? '';
  sessionStorage.setItem(TOKEN_KEY, given);
  url.searchParams.delete('token');
  history.replaceState(null, '', url);
  return given;
}

function openSocket(token: string): Promise<WebSocket> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/_engine?token=${encodeURIComponent(token)}`);
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new RequantError('ENGINE_LOST', 'There is no engine at this address', {}, {
      hint: 'Check that `requant serve` is running, and open the whole address it printed.',
    })));
  });
}

/** Asks the browser for files. Resolves with none when the person closes the dialog. */
function askFiles(kind: FileKind, folder: boolean): Promise<readonly SentFile[]> {
  const input = document.createElement('input');
  input.type = 'file';
  // A model may come with files of weights, which are called anything.
  if (kind === 'model') input.multiple = true;
  else input.accept = acceptOf(kind);
  if (folder) input.webkitdirectory = true;
  input.hidden = true;
  // In the document while its dialog is open: an input that nothing holds may be collected, and its answer with it.
  document.body.append(input);
  return new Promise<readonly SentFile[]>((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }))));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  }).finally(() => input.remove());
}

export function browserDoor(): Door {
  const token = takeToken();

  const post = async (file: File, query: string): Promise<unknown> => {
    const response = await fetch(`/_file?${query}`, { method: 'POST', headers: { 'x-requant-token': token }, body: file })
      .catch((cause: unknown) => { throw new RequantError('ENGINE_LOST', 'The file could not be sent to the engine', { file: file.name }, { cause }); });
    if (!response.ok) throw new RequantError('FILE_UNREADABLE', `The engine refused the file (${response.status} ${response.statusText})`, { file: file.name });
    return response.json();
  };
  // An image's folder may be its class.
  const upload = async ({ file, path }: SentFile): Promise<FileRef> => await post(file, `name=${encodeURIComponent(endsAs(path, 'images') ? path : file.name)}`) as FileRef;

  const fewAtOnce = async <T>(files: readonly SentFile[], send: (file: SentFile) => Promise<T>): Promise<readonly T[]> => {
    const sent: T[] = [];
    for (let i = 0; i < files.length; i += UPLOADS_AT_ONCE) sent.push(...await Promise.all(files.slice(i, i + UPLOADS_AT_ONCE).map(send)));
    return sent;
  };

  const uploadModel = async (files: readonly SentFile[]): Promise<readonly FileRef[]> => {
    const { model, data } = modelWithData(files);
    const ref = await upload(model);
    await fewAtOnce(data, ({ file, path }) => post(file, `beside=${encodeURIComponent(ref.id)}&name=${encodeURIComponent(path)}`));
    return [ref];
  };

  return {
    name: 'browser',
    connect: async (): Promise<Link> => socketLink(await openSocket(token)),
    chooseFiles: async (kind, sending) => {
      const chosen = await askPicker(kind, null);
      if (chosen !== 'upload' && chosen !== 'upload-folder') return chosen === 'download' ? [] : chosen;
      const files = await askFiles(kind, kind === 'images' || chosen === 'upload-folder');
      if (files.length === 0) return [];
      if (kind === 'model') return sending(() => uploadModel(files));
      // A folder also holds what is no image; it is left behind rather than sent.
      return sending(() => fewAtOnce(kind === 'images' ? files.filter(({ path }) => endsAs(path, 'images')).toSorted((a, b) => a.path.localeCompare(b.path)) : files, upload));
    },
    dropped: droppedFiles,
    acceptDropped: (files, meaning) => (meaning === 'model' ? uploadModel(files) : fewAtOnce(files, upload)),
    saveTarget: () => Promise.resolve('download'),
    projectTarget: async (name) => {
      const chosen = await askPicker('project', name);
      return chosen === 'download' ? 'download' : typeof chosen === 'string' ? null : chosen[0] ?? null;
    },
    download: async (blob, name) => {
      const response = await fetch(`/_blob/${encodeURIComponent(blob)}`, { headers: { 'x-requant-token': token } });
      if (!response.ok) throw new RequantError('FILE_UNREADABLE', `The engine no longer holds this file (${response.status})`, { file: name });
      await saveBytes(name, new Uint8Array(await response.arrayBuffer()), 'application/octet-stream');
    },
    saveFile: saveBytes,
    onMenu: () => () => undefined,
    onOpenFile: () => () => undefined,
    showRecents: () => undefined,
  };
}
