// NAME.sima: a zip with model.json and one .npy a constant, so that any zip and any NumPy reader can take it apart.
// The same model gives the same bytes: fixed dates, sorted by use, no random names.
import { zipSync, type Zippable } from 'fflate';
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import type { ErrorReport, QuantizedGraph } from '../ir/index.ts';
import { operator } from '../ops/index.ts';
import { formatNpy, parseNpy } from '../tensor/npy.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { openZip } from '../tensor/zip.ts';
import { FORMAT_VERSION, ModelFile } from './schema.ts';

export interface SavedModel {
  readonly graph: QuantizedGraph;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly reports: readonly ErrorReport[];
}

/** Zip's earliest date: dates would make equal models differ. */
const EPOCH = new Date(1980, 0, 1);
const MODEL_JSON_LIMIT = 2 ** 28;

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
    values: [...graph.values.values()].map(({ name, shape, quantization, equalization }) => ({
      name, shape: [...shape], ...(equalization ? { equalization: [...equalization] } : {}),
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
  const text = await archive.read('model.json');
  if (text.length > MODEL_JSON_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `model.json has ${text.length} bytes`, { file: path });
  const model = parseModel(text, path);
  const constants = new Map<string, Tensor>();
  for (const { name, file } of model.constants) constants.set(name, parseNpy(await archive.read(file), { file: path, tensor: name }));
  const graph: QuantizedGraph = {
    name: model.name, inputs: model.inputs.map(withPermutation), outputs: model.outputs.map(withPermutation),
    values: new Map(model.values.map(({ equalization, ...value }) => [value.name, { ...value, ...(equalization ? { equalization } : {}) }])),
    constants, nodes: model.nodes, notices: model.notices,
  };
  check(graph, path);
  const reports = model.reports.map((report) => ({
    ...report, nodes: report.nodes.map(({ name, mae, mse, psnr }) => ({ name, mae: mae ?? 0, mse: mse ?? 0, psnr: psnr ?? (mse === 0 ? Infinity : -Infinity) })),
  }));
  return { graph, settings: model.settings, reports };
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

/** Every name must lead somewhere, in order; every operator must be one that can run. */
function check(graph: QuantizedGraph, file: string): void {
  const known = new Set<string>();
  for (const port of graph.inputs) {
    const value = graph.values.get(port.value);
    if (!value || value.quantization || sizeOf(value.shape) !== sizeOf(port.shape) || !isPermutation(port.toGraph, port.shape.length)) {
      throw new RequantError('MODEL_INVALID', 'the input contradicts its value', { file, tensor: port.name });
    }
    known.add(port.value);
  }
  for (const { name, shape, equalization } of graph.values.values()) {
    if (equalization && equalization.length !== shape.at(-1)) throw new RequantError('MODEL_INVALID', 'its equalization does not fit its channels', { file, tensor: name });
  }
  for (const node of graph.nodes) {
    const where = { file, node: node.name };
    const definition = operator(node.op, where);
    if (node.kind !== 'float' && !definition.run) throw new RequantError('MODEL_INVALID', `${node.op} has no integer form`, where);
    for (const input of node.inputs) {
      const constant = node.kind === 'float' && (input === '' || graph.constants.has(input));
      if (!constant && !known.has(input)) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { ...where, tensor: input });
    }
    for (const name of Object.values(node.constants)) if (!graph.constants.has(name)) throw new RequantError('MODEL_INVALID', 'a constant is missing', { ...where, tensor: name });
    for (const output of node.outputs) {
      if (known.has(output) || !graph.values.has(output)) throw new RequantError('MODEL_INVALID', 'an output is unknown or computed twice', { ...where, tensor: output });
      known.add(output);
    }
  }
  for (const port of graph.outputs) {
    const value = graph.values.get(port.value);
    if (!known.has(port.value) || !value || value.quantization || !isPermutation(port.toGraph, value.shape.length)) {
      throw new RequantError('MODEL_INVALID', 'the output is never computed as float', { file, tensor: port.name });
    }
  }
}

const isPermutation = (perm: readonly number[] | undefined, rank: number): boolean =>
  perm === undefined || (perm.length === rank && [...perm].sort((a, b) => a - b).every((p, i) => p === i));
