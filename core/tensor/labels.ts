// Class labels of a data set: from an array, from a .npy, from a .csv of `file,class_index` rows or of one column, or from the folders that images lie in.
import { basename, extname } from 'node:path';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { readWhole } from './files.ts';
import { parseNpy } from './npy.ts';
import { showShape, sizeOf, type Tensor } from './tensor.ts';

const FILE_LIMIT = 2 ** 28;
const LABEL_LIMIT = 2 ** 31 - 1;

const fail = (message: string, where: ErrorPlace): RequantError => new RequantError('DATA_LABELS', message, where);

/** An array of shape [n] or [n, 1] holding whole numbers, 0 or more. Raises DATA_LABELS. */
export function labelsOf(t: Tensor, where: ErrorPlace = {}): Int32Array {
  if (t.shape.length === 0 || sizeOf(t.shape.slice(1)) !== 1) throw fail(`labels of shape ${showShape(t.shape)} are not one number a sample`, where);
  return Int32Array.from(t.data as ArrayLike<number | bigint>, (value, sample) => {
    const label = Number(value);
    if (!Number.isInteger(label) || label < 0 || label > LABEL_LIMIT) throw fail(`${label} is not a class index`, { ...where, sample });
    return label;
  });
}

/** Labels read from a file: in sample order, or by the name of each sample's file. */
export type LabelFile =
  | { readonly kind: 'ordered'; readonly labels: Int32Array }
  | { readonly kind: 'named'; readonly labels: ReadonlyMap<string, number> };

/** Reads a .npy or .csv of labels. A .csv may have a header; its columns are `file,class_index`, or the class index alone. */
export async function readLabels(file: string): Promise<LabelFile> {
  const bytes = await readWhole(file, FILE_LIMIT);
  switch (extname(file).toLowerCase()) {
    case '.npy': return { kind: 'ordered', labels: labelsOf(parseNpy(bytes, { file }), { file }) };
    case '.csv': return parseLabels(new TextDecoder().decode(bytes), file);
    default: throw new RequantError('FORMAT_UNKNOWN', 'labels are read from .csv and .npy', { file });
  }
}

export function parseLabels(text: string, file: string): LabelFile {
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line, i) => ({ line: i + 1, cells: cellsOf(line) })).filter(({ cells }) => cells.some((cell) => cell !== ''));
  const first = rows[0];
  if (!first) throw fail('the file holds no labels', { file });
  const columns = first.cells.length;
  if (columns > 2) throw fail(`line ${first.line} has ${columns} columns; file,class_index or one column is expected`, { file });
  const isLabel = (cell: string | undefined): cell is string => cell !== undefined && /^\d{1,9}$/.test(cell);
  const body = isLabel(first.cells.at(-1)) ? rows : rows.slice(1);
  const read = body.map(({ line, cells }) => {
    const label = cells.at(-1);
    if (cells.length !== columns || !isLabel(label)) throw fail(`line ${line} is not ${columns === 2 ? 'file,class_index' : 'a class index'}`, { file });
    return { name: cells[0] ?? '', label: Number(label), line };
  });
  if (read.length === 0) throw fail('the file holds no labels', { file });
  if (columns === 1) return { kind: 'ordered', labels: Int32Array.from(read, ({ label }) => label) };
  const labels = new Map<string, number>();
  for (const { name, label, line } of read) {
    if (labels.has(name) && labels.get(name) !== label) throw fail(`line ${line} gives ${name} a second label`, { file });
    labels.set(name, label);
  }
  return { kind: 'named', labels };
}

/** Cells of a line; a cell in double quotes may hold commas and doubled quotes (RFC 4180). */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain ?? '').trim());
}

/** One label a sample. `names` are the samples' files, where they have any; a row's file may be a path or a bare name. */
export function alignLabels(found: LabelFile, samples: number, names: readonly string[] | undefined, where: ErrorPlace): Int32Array {
  if (found.kind === 'ordered') {
    if (found.labels.length !== samples) throw fail(`${found.labels.length} labels do not fit ${samples} samples`, where);
    return found.labels;
  }
  if (!names) throw fail('labels by file name need a folder of images', where);
  const byName = new Map([...found.labels].map(([name, label]) => [basename(name.replaceAll('\\', '/')), label]));
  return Int32Array.from(names, (name, sample) => {
    const label = byName.get(basename(name));
    if (label === undefined) throw fail(`there is no label for ${basename(name)}`, { ...where, sample });
    return label;
  });
}

/** Classes of images by the folder that each lies in; `classes` names those that there are. */
export interface FolderLabels {
  readonly labels: Int32Array;
  readonly classes: ReadonlyMap<number, string>;
}

/**
 * The first folder in which the names differ is an image's class: classes are numbered from 0 in the order of the folders' sorted names, or are the
 * numbers that the folders are called by, where all are called by numbers. Undefined unless every image lies in one of at least two such folders.
 */
export function labelsOfFolders(names: readonly string[]): FolderLabels | undefined {
  const paths = names.map((name) => name.replaceAll('\\', '/').split('/').slice(0, -1));
  const [first = []] = paths;
  let shared = 0;
  while (shared < first.length && paths.every((path) => path[shared] === first[shared])) shared++;
  const folders = paths.map((path) => path[shared]);
  const found = [...new Set(folders)];
  if (found.length < 2 || found.includes(undefined)) return undefined;
  const sorted = found.filter((name) => name !== undefined).sort((a, b) => (a < b ? -1 : 1));
  const numbered = sorted.every((name) => /^\d{1,9}$/.test(name)) && new Set(sorted.map(Number)).size === sorted.length;
  const index = new Map<string | undefined, number>(sorted.map((name, i) => [name, numbered ? Number(name) : i]));
  const classes = new Map(sorted.map((name): [number, string] => [index.get(name) ?? 0, name]).sort(([a], [b]) => a - b));
  return { labels: Int32Array.from(folders, (folder) => index.get(folder) ?? 0), classes };
}
