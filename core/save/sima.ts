// NAME.sima: a zip with model.json and one .npy a constant, so that any zip and any NumPy reader can take it apart.
// The same model gives the same bytes: fixed dates, sorted by use, no random names.
import { zipSync, type Zippable } from 'fflate';
import * as v from 'valibot';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { ErrorReport, QuantizedGraph } from '../ir/index.ts';
import { formatNpy, parseNpy } from '../tensor/npy.ts';
import { firstNonFinite, type Tensor } from '../tensor/tensor.ts';
import { openZip, type ZipArchive } from '../tensor/zip.ts';
import { checkGraph } from './check.ts';
import { FORMAT_VERSION, ModelFile } from './schema.ts';

export interface SavedModel {
  readonly graph: QuantizedGraph;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly reports: readonly ErrorReport[];
}

/** Zip's earliest date: dates would make equal models differ. */
const EPOCH = new Date(1980, 0, 1);
const MODEL_JSON_LIMIT = 2 ** 28;
/** All constants of one model: 2 GiB. */
const CONSTANTS_LIMIT = 2 ** 31;

export function encodeSima({ graph, settings, reports }: SavedModel): Uint8Array {
  const files: Zippable = {};
  const constants = [...graph.constants].map(([name, tensor], i) => {
    const file = `constants/${i}.npy`;
    files[file] = formatNpy(tensor);
    return { name, file };
  });
  const model: ModelFile = {
    format: 'requant-sima', version: FORMAT_VERSION, name: graph.name,
    inputs: graph.inputs.map(plainPort), outputs: graph.outputs.map(plainPort),
    values: [...graph.values.values()].map(({ name, shape, quantization, dtype, equalization }) => ({
      name, shape: [...shape], ...(dtype ? { dtype } : {}), ...(equalization ? { equalization: [...equalization] } : {}),
      quantization: quantization && { ...quantization, scale: typeof quantization.scale === 'number' ? quantization.scale : [...quantization.scale] },
    })),
    constants,
    // Fields in one order, so that a model saved again after loading is the same file.
    nodes: graph.nodes.map(({ name, kind, op, unit, partition, attrs, inputs, outputs, constants: roles, precision, identity }) => ({
      name, kind, op, unit, partition, attrs: { ...attrs }, inputs: [...inputs], outputs: [...outputs], constants: { ...roles }, precision, identity,
    })),
    notices: [...graph.notices],
    settings: { ...settings },
    reports: reports.map((report) => ({ ...report, nodes: report.nodes.map(({ name, mae, mse, psnr }) => ({ name, mae, mse, psnr: Number.isFinite(psnr) ? psnr : null })) })),
  };
  files['model.json'] = new TextEncoder().encode(JSON.stringify(model, null, 1));
  return zipSync(files, { level: 6, mtime: EPOCH });
}

const plainPort = (port: QuantizedGraph['inputs'][number]): ModelFile['inputs'][number] => ({
  name: port.name, value: port.value, shape: [...port.shape], dtype: port.dtype, ...(port.toGraph ? { toGraph: [...port.toGraph] } : {}),
});

/** Loads and fully checks a .sima. Raises FORMAT_UNKNOWN, FORMAT_CORRUPT, FORMAT_TOO_LARGE or MODEL_INVALID, naming file and part. */
export async function loadSima(path: string): Promise<SavedModel> {
  const archive = await openZip(path);
  if (!archive.names.includes('model.json')) throw new RequantError('FORMAT_UNKNOWN', 'the archive holds no model.json; it is no .sima', { file: path });
  if (archive.sizeOf('model.json') > MODEL_JSON_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `model.json declares ${archive.sizeOf('model.json')} bytes`, { file: path });
  const model = parseModel(await archive.read('model.json'), path);
  checkContents(archive, model, path);
  const constants = new Map<string, Tensor>();
  for (const { name, file } of model.constants) constants.set(name, readConstant(await archive.read(file), { file: path, tensor: name }));
  const graph: QuantizedGraph = {
    name: model.name, inputs: model.inputs.map(withPermutation), outputs: model.outputs.map(withPermutation),
    values: new Map(model.values.map(({ dtype, equalization, ...value }) => [value.name, { ...value, ...(dtype ? { dtype } : {}), ...(equalization ? { equalization } : {}) }])),
    constants, nodes: model.nodes, notices: model.notices,
  };
  checkGraph(graph, path);
  const reports = model.reports.map((report) => ({
    ...report, nodes: report.nodes.map(({ name, mae, mse, psnr }) => ({ name, mae: mae ?? 0, mse: mse ?? 0, psnr: psnr ?? (mse === 0 ? Infinity : -Infinity) })),
  }));
  return { graph, settings: model.settings, reports };
}

/** The archive holds just what model.json names, each name once, and no more than memory may take. Sizes are those declared; reading holds the files to them. */
function checkContents(archive: ZipArchive, model: ModelFile, file: string): void {
  const named = new Set(model.constants.map((constant) => constant.file));
  const missing = [...named].find((name) => !archive.names.includes(name));
  if (missing !== undefined) throw new RequantError('FORMAT_CORRUPT', `the archive lacks ${missing}`, { file });
  const stranger = archive.names.find((name) => name !== 'model.json' && !named.has(name));
  if (stranger !== undefined) throw new RequantError('FORMAT_CORRUPT', `the archive holds ${stranger}, which model.json does not name`, { file });
  if (named.size < model.constants.length || new Set(model.constants.map(({ name }) => name)).size < model.constants.length) throw new RequantError('MODEL_INVALID', 'a constant is named twice', { file });
  if (new Set(model.values.map(({ name }) => name)).size < model.values.length) throw new RequantError('MODEL_INVALID', 'a value is named twice', { file });
  const total = [...named].reduce((sum, name) => sum + archive.sizeOf(name), 0);
  if (total > CONSTANTS_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `its constants declare ${total} bytes; the limit is ${CONSTANTS_LIMIT}`, { file });
}

function readConstant(bytes: Uint8Array, where: ErrorPlace): Tensor {
  const t = parseNpy(bytes, where);
  const bad = firstNonFinite(t);
  if (bad) throw new RequantError('MODEL_INVALID', `element ${bad[0]} is ${bad[1]}`, where);
  return t;
}

const withPermutation = ({ toGraph, ...port }: ModelFile['inputs'][number]): QuantizedGraph['inputs'][number] => ({ ...port, ...(toGraph ? { toGraph } : {}) });

function parseModel(text: Uint8Array, path: string): ModelFile {
  let plain: unknown;
  try { plain = JSON.parse(new TextDecoder().decode(text)); }
  catch (error) { throw new RequantError('FORMAT_CORRUPT', 'model.json is not valid JSON', { file: path }, { cause: error }); }
  const parsed = v.safeParse(ModelFile, plain);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RequantError('MODEL_INVALID', `model.json, ${v.getDotPath(issue) ?? 'whole'}: ${issue.message}`, { file: path });
}
