// Which file a URL's path means within a folder that is served, and none outside it.
import path from 'node:path';

/** The file of a URL's path, or null where the path leads out of the folder or is not one. */
export function fileOf(folder: string, pathname: string): string | null {
  let decoded: string;
  try { decoded = decodeURIComponent(pathname); } catch { return null; }
  if (decoded.includes('\0')) return null;
  const file = path.resolve(folder, `.${decoded === '/' ? '/index.html' : decoded}`);
  return file.startsWith(path.resolve(folder) + path.sep) ? file : null;
}
