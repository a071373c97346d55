// TFLite bytes -> Graph. One subgraph, float activations, static shapes; TFLite is channels-last already.
import { RequantError } from '../../errors/index.ts';
import type { Graph, Node, Port, Value } from '../../ir/index.ts';
import { showShape } from '../../tensor/tensor.ts';
import { checkAttributes, operator as operatorOf, type Operand } from '../../ops/index.ts';
import { impossible } from '../finish.ts';
import { uniqueNames } from '../names.ts';
import { executionOrder, type Step } from '../order.ts';
import { checkOptions, settleInput, type ImportOptions } from '../shapes.ts';
import { rootTable, type Table } from './flatbuffer.ts';
import { integersOf, type TfliteOperator } from './operator.ts';
import { BUILTIN, MODEL, OPERATOR, OPERATOR_CODE, SUBGRAPH } from './schema.ts';
import { TFLITE_OPERATORS } from './table.ts';
import { readTensors, type TfliteTensor } from './tensors.ts';

export const TFLITE_IDENTIFIER = 'TFL3';

/** Raises FORMAT_CORRUPT, FORMAT_UNSUPPORTED, MODEL_INVALID or OPERATOR_UNSUPPORTED, naming operator or tensor. */
export function importTflite(bytes: Uint8Array, name: string, options: ImportOptions = {}): Graph {
  const model = rootTable(bytes, TFLITE_IDENTIFIER, name);
  const [subgraph, second] = model.tables(MODEL.subgraphs);
  if (!subgraph) throw new RequantError('MODEL_INVALID', 'the file holds no graph', { file: name });
  if (second) throw new RequantError('OPERATOR_UNSUPPORTED', 'models with control flow (several graphs) are not supported', { file: name });
  const codes = model.tables(MODEL.operatorCodes).map(operatorName);
  const names = uniqueNames();
  const stored = readTensors(model, subgraph, name, names);
  // A file that arrives quantized is read as real numbers, and the graph keeps how it stores them.
  const quantized = stored.some(isStoredActivation);
  const tensors = options.dequantize || quantized ? stored.map(asReal) : stored;
  const at = (index: number): TfliteTensor => {
    const found = tensors[index];
    if (!found) throw new RequantError('MODEL_INVALID', `there is no tensor ${index}`, { file: name });
    return found;
  };

  const constants = new Map(tensors.flatMap(({ name: tensor, constant }) => (constant ? [[tensor, constant] as const] : [])));
  const arrived = new Map(quantized ? stored.flatMap(({ name: tensor, quantization }) => (quantization ? [[tensor, quantization] as const] : [])) : []);
  const hybrid = new Set(options.dequantize ? [] : stored.filter((t) => t.hybrid).map((t) => t.name));
  const doors = subgraph.int32s(SUBGRAPH.inputs).map(at);
  checkOptions(options, doors.map((door) => door.name), new Set(), name);
  const twice = doors.find((door, i) => doors.indexOf(door) !== i);
  if (twice) throw new RequantError('MODEL_INVALID', 'it is an input twice', { file: name, tensor: twice.name });
  // The file holds the shape of every tensor, worked out for these inputs: the options can only agree.
  for (const door of doors) settleInput(door.name, door.shape, options, new Map(), name);
  const inputs = doors.map((door) => openInput(door, name));
  const values = new Map<string, Value>(inputs.map(({ value, shape, dtype }) => [value, { name: value, shape, dtype }]));
  const nodes: Node[] = [];
  for (const operator of inOrder(subgraph, at, name)) {
    const type = codes[operator.table.uint32(OPERATOR.opcode)];
    const [output] = operator.outputs;
    if (type === undefined || output === undefined) throw new RequantError('MODEL_INVALID', 'an operator lacks its kind or its output', { file: name });
    const where = { file: name, node: output };
    const fail = (message: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `${type}: ${message}`, where);
    const row = Object.hasOwn(TFLITE_OPERATORS, type) ? TFLITE_OPERATORS[type] : undefined;
    if (!row) throw fail('this operator is not supported');
    const operand = (tensor: string): Operand => {
      const constant = constants.get(tensor);
      if (constant) return { name: tensor, shape: constant.shape, constant };
      const value = values.get(tensor);
      if (!value) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { ...where, tensor });
      return { name: tensor, shape: value.shape };
    };
    const o: TfliteOperator = {
      inputs: operator.inputs, outputs: operator.outputs, output, options: operator.table.table(OPERATOR.options), fail, quantized,
      shapeOf: (tensor) => operand(tensor).shape,
      constantOf: (tensor) => constants.get(tensor),
      storedType: (tensor) => arrived.get(tensor)?.dtype,
      // Stored weights of an operator whose activations are integers are no question of hybrid kernels.
      isHybrid: (tensor) => hybrid.has(tensor) && !arrived.has(output),
      integers: (input) => integersOf(o, input),
      constant: (tensor, t, from = '') => {
        const unique = names.take(tensor);
        constants.set(unique, t);
        const source = arrived.get(from);
        if (source) arrived.set(unique, source);
        return unique;
      },
      storedAs: (made, like) => {
        const source = arrived.get(like);
        if (source) arrived.set(made, source);
      },
      become: (t) => { constants.set(output, t); },
      node: (op, from, attrs, asked = output, dtype = 'float32') => {
        const made = operator.outputs.includes(asked) ? asked : names.take(asked);
        const definition = operatorOf(op, where);
        checkAttributes(definition, attrs, where);
        const view = { attrs: attrs as never, inputs: from.map((tensor) => (tensor === '' ? undefined : operand(tensor))), where };
        const [shape = []] = impossible(() => definition.shapes(view));
        if (shape.includes(0)) throw new RequantError('MODEL_INVALID', `${type} gives no numbers: ${showShape(shape)}`, where);
        values.set(made, { name: made, shape, dtype });
        // Numbers that only move stay stored as they were, also on the way to the output.
        const before = arrived.get(from[0] ?? '');
        if (before && !operator.outputs.includes(made) && definition.traits.includes('passThrough')) arrived.set(made, before);
        nodes.push({ op, attrs, inputs: from, outputs: [made], sources: [{ name: output, type }] });
        return made;
      },
    };
    row(o);
  }
  const outputs = subgraph.int32s(SUBGRAPH.outputs).map((index): Port => {
    const { name: tensor, shape, dtype } = at(index);
    return { name: tensor, value: tensor, shape: values.get(tensor)?.shape ?? shape, dtype };
  });
  return { name: name.replace(/\.tflite$/i, ''), format: 'tflite', inputs, outputs, values, constants, nodes, ...(quantized ? { stored: arrived } : {}) };
}

function openInput({ name, shape, dtype, open }: TfliteTensor, file: string): Port {
  const where = { file, tensor: name };
  if (shape.includes(0)) throw new RequantError('MODEL_INVALID', `the input holds no numbers: ${showShape(shape)}`, where);
  if (open.some((axis) => axis > 0)) throw new RequantError('SHAPE_UNKNOWN', `dimension ${open.find((axis) => axis > 0)} is open`, where);
  return { name, value: name, shape, dtype };
}

interface OperatorStep extends Step {
  readonly table: Table;
}

/** The operators that the outputs need. Shapes that depend on a dead one are not asked for. */
function inOrder(subgraph: Table, at: (index: number) => TfliteTensor, file: string): readonly OperatorStep[] {
  const steps = subgraph.tables(SUBGRAPH.operators).map((table): OperatorStep => ({
    table,
    inputs: table.int32s(OPERATOR.inputs).map((index) => (index === -1 ? '' : at(index).name)),
    outputs: table.int32s(OPERATOR.outputs).map((index) => at(index).name),
  }));
  return executionOrder(steps, subgraph.int32s(SUBGRAPH.outputs).map((index) => at(index).name), file);
}

/** The code moved to a wider field when there were more than 127 operators; the larger of both counts. */
function operatorName(table: Table): string {
  const code = Math.max(table.int8(OPERATOR_CODE.deprecatedCode), table.int32(OPERATOR_CODE.code));
  return BUILTIN[code] === 'CUSTOM' ? `CUSTOM ${table.text(OPERATOR_CODE.customCode)}` : BUILTIN[code] ?? `operator ${code}`;
}

/** Integers with a scale are real numbers; nothing rounds them again. */
const asReal = (t: TfliteTensor): TfliteTensor => ({ ...t, ...(t.quantization ? { dtype: 'float32' } : {}) });

const isStoredActivation = (t: TfliteTensor): boolean => !t.constant && (t.dtype === 'int8' || t.dtype === 'uint8' || t.dtype === 'int16');
