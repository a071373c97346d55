// A loaded graph against everything that execution relies on: names, order, shapes, types, roles and attributes. What passes can be run; it need
// not be sensible. Every failure is MODEL_INVALID with the node or tensor.
import * as v from 'valibot';
import { twinOf } from '../emit/index.ts';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { storedType, type Port, type Quantization, type QuantizedGraph, type QuantizedNode } from '../ir/index.ts';
import { elemTypeOf, readIsland, type IslandDoor } from '../onnx/index.ts';
import { checkAttributes, floatFormOf, floatView, INTEGER_RANGE, nodeView, operator, type NodeView, type Operator, type TwinView } from '../ops/index.ts';
import { float32, sameShape, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { MAX_ELEMENTS } from './schema.ts';

/** Multiply-accumulates of one node: a hundred times the largest layer in use. */
const MAX_MACS = 2 ** 38;
/** Real scales lie between 2^-120 and 2^128, so their quotients stay well inside. */
const MAX_SHIFT = 512;
const INT32 = INTEGER_RANGE.int32;
/** Ranges of the integer attributes and constants that kernels compute with, by name. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  shift: [-MAX_SHIFT, MAX_SHIFT], shifts: [-MAX_SHIFT, MAX_SHIFT], multiplier: INT32, multipliers: INT32, ma: INT32, mb: INT32,
  min: INT32, max: INT32, za: INTEGER_RANGE.int16, zb: INTEGER_RANGE.int16,
};
/** Types of constants by role; other roles hold integers of the node's own precision. */
const ROLE_TYPES: Readonly<Record<string, readonly string[]>> = { weights: ['int8', 'int16'], bias: ['int32', 'int64'], shift: ['int32'], multiplier: ['int32'], table: ['int8', 'int16', 'int32'], factor: ['int32'], rise: ['int32'] };
/** What operators raise about a twin that the engine would not have made. */
const TWIN_FAULTS: ReadonlySet<string> = new Set(['SHAPE_MISMATCH', 'DTYPE_MISMATCH', 'INTERNAL']);
const BITS = { int8: 8, int16: 16 } as const;

const invalid = (message: string, where: ErrorPlace): RequantError => new RequantError('MODEL_INVALID', message, where);

export function checkGraph(graph: QuantizedGraph, file: string): void {
  for (const value of graph.values.values()) {
    const where = { file, tensor: value.name };
    if (value.quantization && value.dtype) throw invalid('it is stored as integers and has a type of its own', where);
    if (value.quantization) checkQuantization(value.quantization, value.shape, where);
    if (graph.constants.has(value.name)) throw invalid('a constant has the same name', where);
  }
  if (graph.inputs.length === 0 || graph.outputs.length === 0) throw invalid('the model has no input or no output', { file });
  if (new Set(graph.inputs.map((port) => port.name)).size < graph.inputs.length || new Set(graph.outputs.map((port) => port.name)).size < graph.outputs.length) throw invalid('two inputs or two outputs have one name', { file });
  const known = new Set<string>();
  for (const port of graph.inputs) { checkPort(graph, port, file); known.add(port.value); }
  const names = new Set<string>();
  for (const node of graph.nodes) {
    const where = { file, node: node.name };
    // Whoever gets an output whose dimensions the data decide takes it as it is; nothing here computes with it.
    const open = [...node.inputs, ...(node.kind === 'float' ? [] : node.outputs)].find((name) => graph.values.get(name)?.shape.includes(-1));
    if (open !== undefined) throw invalid('it reads or stores what has no fixed shape', { ...where, tensor: open });
    if (names.has(node.name)) throw invalid('two nodes have this name', where);
    names.add(node.name);
    checkOrder(graph, node, known, where);
    checkNumbers(node.attrs, where);
    checkNode(graph, node, where);
  }
  for (const port of graph.outputs) {
    if (!known.has(port.value)) throw invalid('the output is never computed', { file, tensor: port.name });
    checkPort(graph, port, file);
  }
}

function checkQuantization({ dtype, scale, zeroPoint }: Quantization, shape: readonly number[], where: ErrorPlace): void {
  const [min, max] = INTEGER_RANGE[dtype];
  if (zeroPoint < min || zeroPoint > max) throw invalid(`zero point ${zeroPoint} is outside ${dtype}`, where);
  if (typeof scale === 'object' && (dtype !== 'int32' || scale.length !== (shape.at(-1) ?? 1) || zeroPoint !== 0)) throw invalid('scales by channel are for int32 accumulators, one a channel of the last dimension', where);
}

function checkPort(graph: QuantizedGraph, port: Port, file: string): void {
  const where = { file, tensor: port.name };
  const value = graph.values.get(port.value);
  const perm = port.toGraph ?? port.shape.map((_, i) => i);
  const inner = perm.map((p) => port.shape[p] ?? -1);
  if (!value || value.quantization || storedType(value) !== port.dtype || !isPermutation(perm, port.shape.length) || !sameShape(inner, value.shape)) throw invalid('the port contradicts its value', where);
}

const isPermutation = (perm: readonly number[], rank: number): boolean => perm.length === rank && [...perm].sort((a, b) => a - b).every((p, i) => p === i);

/** Inputs are computed before, outputs once, constants are there. */
function checkOrder(graph: QuantizedGraph, node: QuantizedNode, known: Set<string>, where: ErrorPlace): void {
  for (const input of node.inputs) {
    const constant = node.kind === 'float' && (input === '' || graph.constants.has(input));
    if (!constant && !known.has(input)) throw invalid('it is used before it is computed', { ...where, tensor: input });
  }
  for (const name of Object.values(node.constants)) if (!graph.constants.has(name)) throw invalid('a constant is missing', { ...where, tensor: name });
  for (const output of node.outputs) {
    if (known.has(output) || !graph.values.has(output)) throw invalid('an output is unknown or computed twice', { ...where, tensor: output });
    known.add(output);
  }
}

/** JSON can say 1e999. Names that kernels compute with keep to their ranges. */
function checkNumbers(attrs: Readonly<Record<string, unknown>>, where: ErrorPlace): void {
  const walk = (value: unknown, depth: number): void => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('an attribute is not finite', where);
    if (typeof value !== 'object' || value === null) return;
    if (depth > 8) throw invalid('its attributes are nested too deeply', where);
    if (!ArrayBuffer.isView(value)) for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  walk(attrs, 0);
}

function checkRange(name: string, values: ArrayLike<unknown>, where: ErrorPlace): void {
  const [min, max] = RANGES[name] ?? [-Infinity, Infinity];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (typeof x !== 'number' || !Number.isInteger(x) || x < min || x > max) throw invalid(`${name} is no whole number from ${min} to ${max}`, where);
  }
}

/** Conversions of models that arrived quantized, and their kinds. */
const TFLITE_CONVERSIONS: Readonly<Record<string, string>> = { tflite_quantize: 'quantize', tflite_requantize: 'requantize' };

function checkNode(graph: QuantizedGraph, node: QuantizedNode, where: ErrorPlace): void {
  const definition = operator(node.op, where);
  const kind = TFLITE_CONVERSIONS[node.op] ?? node.op;
  const conversion = kind === 'quantize' || kind === 'dequantize' || kind === 'requantize';
  if (conversion !== (node.kind === kind)) throw invalid(`${node.op} cannot be of kind ${node.kind}`, where);
  const quantized = (names: readonly string[]): boolean => names.every((name) => graph.values.get(name)?.quantization);
  const float = (names: readonly string[]): boolean => names.every((name) => !graph.values.get(name)?.quantization);
  const real = (names: readonly string[]): boolean => names.every((name) => { const value = graph.values.get(name); return value !== undefined && storedType(value) === 'float32'; });
  const outputs = node.outputs;
  switch (node.kind) {
    case 'float':
      if (!float(node.inputs) || !float(outputs)) throw invalid('a float node reads or gives stored integers', where);
      checkShapes(graph, node, definition, nodeView(graph, node, where), where);
      checkIsland(graph, node, definition.model?.(nodeView(graph, node, where)), where);
      return;
    case 'quantize': if (!real(node.inputs) || !quantized(outputs)) throw invalid('quantize leads from float to integers', where); break;
    case 'dequantize': if (!quantized(node.inputs) || !real(outputs)) throw invalid('dequantize leads from integers to float', where); break;
    case 'requantize': case 'integer': if (!quantized(node.inputs) || !quantized(outputs)) throw invalid('it reads or gives float values', where); break;
  }
  if (!definition.run || outputs.length !== 1) throw invalid(`${node.op} has no integer form with ${outputs.length} outputs`, where);
  const twin = twinOf(graph, node);
  checkTwin(node, definition, twin, where);
  if (conversion) {
    if (twin.inputs.length !== 1 || !sameShape(twin.inputs[0]?.shape ?? [], twin.output.shape)) throw invalid('a conversion changes the shape', where);
    return;
  }
  const form = planned(() => floatFormOf(definition, twin), where);
  planned(() => definition.exact?.(twin), where);
  if (form) checkShapes(graph, node, definition, floatView(twin, form, (c) => ('data' in c ? c : float32(c.stored.shape, new Float32Array(c.stored.data.length)))), where);
}

/** What an operator derives from a twin's attributes; where it cannot, the attributes are wrong. */
function planned<T>(derive: () => T, where: ErrorPlace): T {
  try { return derive(); }
  catch (error) {
    if (v.isValiError(error)) throw invalid(`its attributes are wrong: ${error.message}`, where);
    if (error instanceof RequantError && TWIN_FAULTS.has(error.code)) throw invalid(error.message, where);
    throw error;
  }
}

/** Roles, types and lengths of constants, and the numbers that kernels compute with. */
function checkTwin(node: QuantizedNode, definition: Operator, twin: TwinView, where: ErrorPlace): void {
  const single = (q: Quantization | null): boolean => typeof q?.scale === 'number' && q.dtype !== 'int32';
  const weighted = definition.traits.includes('weighted');
  const positions = definition.traits.includes('positions');
  if (node.kind !== 'dequantize' && !twin.inputs.every(({ quantization }) => node.kind === 'quantize' || single(quantization))) throw invalid('it reads an accumulator', where);
  if (!single(twin.output.quantization) && node.kind !== 'dequantize' && !positions && !(weighted && node.attrs['mode'] === 'none')) throw invalid('only a last node hands on its accumulator', where);
  if (node.kind === 'integer') {
    if (node.precision === null) throw invalid('an integer node has no precision', where);
    const { precision } = node;
    if (twin.inputs.length === 0 || twin.inputs.some(({ quantization }) => quantization?.dtype !== precision)) throw invalid(`its inputs are not ${precision}`, where);
    if (positions) checkPositions(twin.output.quantization, where);
    else if (twin.output.quantization?.dtype !== precision && node.attrs['mode'] !== 'none') throw invalid(`its output is not ${precision}`, where);
    if (definition.traits.includes('passThrough')) {
      const [from, to] = [twin.inputs[0]?.quantization, twin.output.quantization];
      if (from?.scale !== to?.scale || from?.zeroPoint !== to?.zeroPoint) throw invalid('integers pass through it, but its output is quantized differently', where);
    }
  }
  for (const [name, value] of Object.entries(node.attrs)) if (Object.hasOwn(RANGES, name)) checkRange(name, Array.isArray(value) ? value : [value], where);
  for (const [role, t] of Object.entries(twin.constants)) checkConstant(role, t, node, where);
  if (weighted) checkWeighted(twin, where);
}

function checkPositions(q: Quantization | null, where: ErrorPlace): void {
  if (q?.dtype !== 'int32' || q.scale !== 1 || q.zeroPoint !== 0) throw invalid('positions are int32 with scale 1', where);
}

function checkConstant(role: string, t: Tensor, node: QuantizedNode, where: ErrorPlace): void {
  const types = ROLE_TYPES[role] ?? [node.precision ?? ''];
  if (!types.includes(t.dtype)) throw invalid(`its ${role} are ${t.dtype}`, where);
  if (Object.hasOwn(RANGES, role)) checkRange(role, t.data, where);
  if (role === 'table' && node.precision && t.data.length !== 2 ** BITS[node.precision]) throw invalid(`its table has ${t.data.length} entries`, where);
}

function checkWeighted(twin: TwinView, where: ErrorPlace): void {
  const { weights, bias, shift, multiplier } = twin.constants;
  const mode = twin.attrs['mode'];
  const channels = weights?.shape[0] ?? 0;
  if (weights?.dtype !== 'int8' || channels === 0 || bias?.data.length !== channels) throw invalid('weights are no int8, or do not fit the bias', where);
  if (mode !== 'sima' && mode !== 'tflite' && mode !== 'none') throw invalid('its mode is neither sima, tflite nor none', where);
  const fits = (t: Tensor | undefined, needed: boolean): boolean => (t ? needed && (t.data.length === 1 || t.data.length === channels) : !needed);
  if (!fits(shift, mode !== 'none') || !fits(multiplier, mode === 'tflite')) throw invalid('shift and multiplier do not fit its mode', where);
  const bound = (x: unknown): boolean => typeof x === 'number';
  if (!bound(twin.attrs['min']) || !bound(twin.attrs['max'])) throw invalid('its bounds are missing', where);
}

/** The ONNX model that a node is has the node's doors, and reads no other file. Only such a node may leave a dimension open, or read and give strings. */
function checkIsland(graph: QuantizedGraph, node: QuantizedNode, model: Uint8Array | undefined, where: ErrorPlace): void {
  const values = (names: readonly string[]) => names.map((name) => graph.values.get(name));
  if (!model) {
    if (values(node.outputs).some((value) => value?.shape.includes(-1))) throw invalid('it leaves a dimension open', where);
    if (values([...node.inputs, ...node.outputs]).some((value) => value?.dtype === 'string')) throw invalid('it reads or gives strings', where);
    return;
  }
  const { inputs, outputs } = readIsland(model, where);
  const fits = (doors: readonly IslandDoor[], names: readonly string[]): boolean => doors.length === names.length
    && values(names).every((value, i) => value !== undefined && elemTypeOf(storedType(value)) === doors[i]?.elemType);
  if (!fits(inputs, node.inputs.slice(0, -1)) || !fits(outputs, node.outputs)) throw invalid('its operators have other inputs or outputs', where);
}

/** Attributes by the operator's schema, and the shapes that it would give. */
function checkShapes(graph: QuantizedGraph, node: QuantizedNode, definition: Operator, view: NodeView<never>, where: ErrorPlace): void {
  checkAttributes(definition, view.attrs, where);
  let shapes: readonly (readonly number[])[];
  try {
    shapes = definition.shapes(view);
    const macs = definition.macs?.(view) ?? 0;
    if (macs > MAX_MACS) throw invalid(`it asks for ${macs} multiplications`, where);
  } catch (thrown) {
    const error = RequantError.from(thrown);
    throw error.code === 'SHAPE_MISMATCH' ? invalid(error.message, where) : error;
  }
  node.outputs.forEach((output, i) => {
    const declared = graph.values.get(output)?.shape ?? [];
    const shape = shapes[i] ?? [];
    if (sizeOf(shape) > MAX_ELEMENTS || !sameShape(shape, declared)) throw invalid(`it gives ${showShape(shape)}, the file says ${showShape(declared)}`, where);
  });
}
