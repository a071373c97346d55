// Uploads: files that the page hands over land in a private temporary folder, each in a folder of its own under its
// own name (labels go by name), and disappear with the server.
import { createWriteStream, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RequantError } from '../../errors/index.ts';

/** Largest file taken: 4 GiB. */
export const UPLOAD_LIMIT = 2 ** 32;

export interface Upload {
  readonly path: string;
  readonly name: string;
  readonly size: number;
}

export interface Uploads {
  /** Stores a request's body. Raises FORMAT_TOO_LARGE, MESSAGE_INVALID (the name), FILE_UNWRITABLE. */
  receive(request: IncomingMessage, name: string): Promise<Upload>;
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
  return {
    close,
    receive: async (request, name) => {
      const safe = safeName(name);
      const tooLarge = (): RequantError => new RequantError('FORMAT_TOO_LARGE', `the file is larger than ${limit} bytes`, { file: safe }, { hint: 'Open it with the desktop studio or the command line.' });
      if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
      const own = join(folder, String(++last));
      const path = join(own, safe);
      let size = 0;
      const counted = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          size += chunk.length;
          if (size > limit) done(tooLarge()); else done(null, chunk);
        },
      });
      try {
        await mkdir(own);
        await pipeline(request, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        return { path, name: safe, size };
      } catch (error) {
        await rm(own, { recursive: true, force: true });
        if (error instanceof RequantError) throw error;
        throw new RequantError('FILE_UNWRITABLE', 'the upload could not be stored', { file: safe }, { cause: error, hint: 'Send it again; check the space in the temporary folder.' });
      }
    },
  };
}

/** The last part of a path, as a name for one file. Raises MESSAGE_INVALID. */
function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const isControl = (c: string): boolean => c.charCodeAt(0) < 32;
  if (last === '' || last === '.' || last === '..' || [...last].some(isControl) || Buffer.byteLength(last) > 255) {
    throw new RequantError('MESSAGE_INVALID', 'the upload has no usable name');
  }
  return last;
}
