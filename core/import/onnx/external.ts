// Weights that an ONNX model keeps in files beside it (data_location EXTERNAL). Nothing outside the model's folder is opened, sizes are checked before
// memory is taken, and a stretch of a file is read once, when the first operator needs it.
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { RequantError, type ErrorPlace } from '../../errors/index.ts';
import { byteLengthOf, type AttributeProto, type GraphProto, type NodeProto, type SparseTensorProto, type TensorProto } from '../../onnx/index.ts';
import { readFailure } from '../../tensor/files.ts';

export interface ExternalData {
  /** The tensor with its data in it; one that has them already as it is. Raises FORMAT_CORRUPT, FORMAT_TOO_LARGE, FILE_NOT_FOUND, FILE_UNREADABLE. */
  load(proto: TensorProto, where: ErrorPlace): TensorProto;
  /** Bytes read so far. */
  bytes(): number;
  close(): void;
}

interface OpenFile {
  readonly descriptor: number;
  readonly size: number;
  /** Bytes of it that tensors may still take: stretches that overlap must not add up to more than the file. */
  left: number;
}

/** `folder`: where the model lies; undefined for a model that is no file. */
export function externalData(folder: string | undefined): ExternalData {
  const files = new Map<string, OpenFile>();
  const stretches = new Map<string, Uint8Array>();
  let total = 0;
  const open = (location: string, where: ErrorPlace): OpenFile => {
    if (folder === undefined) throw new RequantError('FORMAT_UNSUPPORTED', 'its data lies in a second file', where, { hint: 'Open the model by its path, with that file in the same folder.' });
    const path = insideOf(folder, location, where);
    const known = files.get(path);
    if (known) return known;
    const descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    const made = { descriptor, size, left: size };
    files.set(path, made);
    return made;
  };
  const read = (proto: TensorProto, where: ErrorPlace): Uint8Array => {
    const fields = new Map((proto.externalData ?? []).map(({ key = '', value = '' }) => [key, value]));
    const location = fields.get('location') ?? '';
    const offset = wholeNumber(fields.get('offset') ?? '0', 'offset', where);
    const needed = byteLengthOf(proto, where);
    if (fields.has('length') && wholeNumber(fields.get('length') ?? '', 'length', where) !== needed) throw new RequantError('FORMAT_CORRUPT', `its shape takes ${needed} bytes, the file says ${fields.get('length') ?? ''}`, where);
    const key = `${offset} ${needed} ${location}`;
    const known = stretches.get(key);
    if (known) return known;
    const file = open(location, where);
    if (offset + needed > file.size) throw new RequantError('FORMAT_TOO_LARGE', `it takes bytes ${offset} to ${offset + needed} of ${location}, which has ${file.size}`, where);
    if ((file.left -= needed) < 0) throw new RequantError('FORMAT_TOO_LARGE', `weights overlap in ${location}: they declare more bytes than it has`, where);
    const bytes = new Uint8Array(needed);
    for (let done = 0; done < needed;) {
      const got = readSync(file.descriptor, bytes, done, Math.min(needed - done, 2 ** 30), offset + done);
      if (got === 0) throw new RequantError('FORMAT_CORRUPT', `${location} ends too early`, where);
      done += got;
    }
    total += needed;
    stretches.set(key, bytes);
    return bytes;
  };
  return {
    load: (proto, where) => {
      if (proto.dataLocation !== 1) return proto;
      const { dims, dataType, name } = proto;
      try { return { ...(dims ? { dims } : {}), ...(dataType === undefined ? {} : { dataType }), ...(name === undefined ? {} : { name }), rawData: read(proto, where) }; }
      catch (thrown) { throw readFailure(thrown, where.file ?? '').within(where); }
    },
    bytes: () => total,
    close: () => { for (const { descriptor } of files.values()) closeSync(descriptor); files.clear(); },
  };
}

/** A node with the data of the tensors in its attributes, and in the graphs inside it, in them; one that has them already as it is. Raises as `load` does. */
export function loadedWithin(node: NodeProto, load: (t: TensorProto) => TensorProto): NodeProto {
  const sparse = (s: SparseTensorProto): SparseTensorProto => ({ ...s, ...(s.values ? { values: load(s.values) } : {}), ...(s.indices ? { indices: load(s.indices) } : {}) });
  const graph = (g: GraphProto): GraphProto => ({
    ...g, node: (g.node ?? []).map((inner) => loadedWithin(inner, load)), initializer: (g.initializer ?? []).map(load), sparseInitializer: (g.sparseInitializer ?? []).map(sparse),
  });
  const holds = ({ t, tensors, g, graphs, sparseTensor, sparseTensors }: AttributeProto): boolean => [t, tensors, g, graphs, sparseTensor, sparseTensors].some((part) => part !== undefined);
  if (!(node.attribute ?? []).some(holds)) return node;
  return {
    ...node, attribute: (node.attribute ?? []).map((a) => ({
      ...a, ...(a.t ? { t: load(a.t) } : {}), ...(a.tensors ? { tensors: a.tensors.map(load) } : {}), ...(a.g ? { g: graph(a.g) } : {}), ...(a.graphs ? { graphs: a.graphs.map(graph) } : {}),
      ...(a.sparseTensor ? { sparseTensor: sparse(a.sparseTensor) } : {}), ...(a.sparseTensors ? { sparseTensors: a.sparseTensors.map(sparse) } : {}),
    })),
  };
}

/** Digits alone: Number() would take '0x10' and ' 1e3 '. */
function wholeNumber(text: string, name: string, where: ErrorPlace): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new RequantError('FORMAT_CORRUPT', `its ${name} is no whole number`, where);
  return value;
}

/** The file that a location names, links followed. Raises FORMAT_CORRUPT where it lies outside the folder or is no regular file. */
function insideOf(folder: string, location: string, where: ErrorPlace): string {
  const outside = (): RequantError => new RequantError('FORMAT_CORRUPT', `its data lies in ${JSON.stringify(location)}, which is no file in the model's folder`, where);
  if (location === '' || location.includes('\0') || isAbsolute(location) || location.split(/[\\/]/).includes('..')) throw outside();
  let path: string;
  try { path = realpathSync(join(folder, location)); }
  catch (error) { throw new RequantError('FILE_NOT_FOUND', `the file ${JSON.stringify(location)} with its data is missing`, where, { cause: error, hint: 'Put it beside the model.' }); }
  const inner = relative(realpathSync(folder), path);
  if (inner === '' || inner === '..' || inner.startsWith(`..${sep}`) || isAbsolute(inner) || !statSync(path).isFile()) throw outside();
  return path;
}
