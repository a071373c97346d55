// QuantizedGraph -> NAME.sima and NAME.sima.json, and back.
import { join } from 'node:path';
import { RequantError } from '../errors/index.ts';
import { ensureFolder, replaceFiles } from '../tensor/files.ts';
import { kerasJson } from './keras-json.ts';
import { encodeSima, type SavedModel } from './sima.ts';

export { EXPORT_FORMATS, exportModel, type ExportFormatName } from './exports.ts';
export { loadSima, type SavedModel } from './sima.ts';

/** The two files of a saved model, by name. `name` may already end in .sima. */
export function savedFiles(model: SavedModel, name: string): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  if (!/^[^/\\\0]+$/.test(name) || name === '.' || name === '..') throw new RequantError('CONFIG_INVALID', `${JSON.stringify(name)} is no file name`);
  const base = name.endsWith('.sima') ? name : `${name}.sima`;
  const report = model.reports.at(-1);
  return [
    { name: base, bytes: encodeSima(model) },
    { name: `${base}.json`, bytes: new TextEncoder().encode(kerasJson(model.graph, report)) },
  ];
}

/** Writes both files into `directory`, whole, and neither before both are written; returns their paths. Raises FILE_UNWRITABLE. */
export async function saveModel(model: SavedModel, name: string, directory: string): Promise<readonly string[]> {
  const files = savedFiles(model, name).map((file) => ({ path: join(directory, file.name), bytes: file.bytes }));
  await ensureFolder(directory);
  await replaceFiles(files);
  return files.map(({ path }) => path);
}
