// Uploads: files that the page hands over land in a private temporary folder, each in a folder of its own under its
// own name (labels go by name), and disappear with the server. A model's data files land beside it.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RequantError } from '../../errors/index.ts';

/** Largest file taken, and most that a file and those beside it may take together: 4 GiB. */
export const UPLOAD_LIMIT = 2 ** 32;
/** Files beside one upload. */
const MOST_BESIDE = 1000;
/** Folders that a file may lie in below that upload's. */
const MOST_FOLDERS = 16;

export interface Upload {
  readonly path: string;
  /** As it was sent: images keep the folders that they lie in. */
  readonly name: string;
  readonly size: number;
}

export interface Uploads {
  /** Stores a request's body. Raises FORMAT_TOO_LARGE, MESSAGE_INVALID (the name), FILE_UNWRITABLE. */
  receive(request: IncomingMessage, name: string): Promise<Upload>;
  /** Stores it in the folder of an earlier upload, or in folders below, as `name` says. Raises the same, and BUDGET_EXCEEDED for too many. */
  receiveBeside(first: Upload, request: IncomingMessage, name: string): Promise<Upload>;
  /** Removes everything. */
  close(): void;
}

export async function createUploads(limit = UPLOAD_LIMIT): Promise<Uploads> {
  // mkdtemp makes it readable by its owner only.
  const folder = await mkdtemp(join(tmpdir(), 'requant-'));
  const close = (): void => {
    process.off('exit', close);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', close);
  let last = 0;
  /** What may still be sent beside an upload, by its path. */
  const room = new Map<string, { bytes: number; files: number }>();

  const store = async (request: IncomingMessage, path: string, name: string, most: number): Promise<Upload> => {
    const tooLarge = (): RequantError => new RequantError('FORMAT_TOO_LARGE', `it is larger than the ${most} bytes that may be sent`, { file: name }, { hint: 'Open it with the desktop studio or the command line.' });
    if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
    let size = 0;
    const counted = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        if (size > most) done(tooLarge()); else done(null, chunk);
      },
    });
    const unwritable = (cause: unknown): RequantError => new RequantError('FILE_UNWRITABLE', 'the upload could not be stored', { file: name }, { cause, hint: 'Send it again; check the space in the temporary folder.' });
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => { throw unwritable(cause); });
    // Never over a file that is there.
    const file = await open(path, 'wx', 0o600).catch((cause: unknown) => { throw unwritable(cause); });
    try {
      await pipeline(request, counted, file.createWriteStream());
      return { path, name, size };
    } catch (error) {
      await rm(path, { force: true });
      throw error instanceof RequantError ? error : unwritable(error);
    }
  };

  return {
    close,
    receive: async (request, name) => {
      const safe = safeName(name), shown = shownName(name, safe), own = join(folder, String(++last));
      try {
        const upload = await store(request, join(own, safe), shown, limit);
        room.set(upload.path, { bytes: limit - upload.size, files: MOST_BESIDE });
        return upload;
      } catch (error) {
        await rm(own, { recursive: true, force: true });
        throw error;
      }
    },
    receiveBeside: async (first, request, name) => {
      const parts = safePath(name), left = room.get(first.path);
      if (!left) throw new RequantError('MESSAGE_INVALID', 'there is no such upload to put a file beside');
      if (--left.files < 0) throw new RequantError('BUDGET_EXCEEDED', `more than ${MOST_BESIDE} files were sent with ${first.name}`, {}, { hint: 'Send the model with its data files alone.' });
      // Taken before the first byte comes, so that two at a time do not take the same room.
      const taken = Math.min(Number(request.headers['content-length'] ?? left.bytes), left.bytes);
      left.bytes -= taken;
      let size = 0;
      try {
        const upload = await store(request, join(dirname(first.path), ...parts), parts.join('/'), taken);
        size = upload.size;
        return upload;
      } finally {
        left.bytes += taken - size;
      }
    },
  };
}

const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && ![...name].some((c) => c.charCodeAt(0) < 32) && Buffer.byteLength(name) <= 255;
const noName = (): RequantError => new RequantError('MESSAGE_INVALID', 'the upload has no usable name');

/** The last part of a path, as a name for one file. Raises MESSAGE_INVALID. */
function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  if (!isName(last)) throw noName();
  return last;
}

/** The whole name where every part of it goes down, else its last part alone. */
function shownName(name: string, safe: string): string {
  const parts = name.split('/');
  return parts.length <= MOST_FOLDERS + 1 && parts.every((part) => isName(part) && !part.includes('\\')) ? name : safe;
}

/** Every part of a path that goes down and never up. Raises MESSAGE_INVALID. */
function safePath(path: string): readonly string[] {
  const parts = path.split('/');
  if (parts.length > MOST_FOLDERS + 1 || !parts.every((part) => isName(part) && !part.includes('\\'))) throw noName();
  return parts;
}
