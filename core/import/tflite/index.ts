// TFLite bytes -> Graph. One subgraph, float activations, static shapes; TFLite is channels-last already.
import { RequantError } from '../../errors/index.ts';
import type { Graph, Node, Port, Value } from '../../ir/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { rootTable, type Table } from './flatbuffer.ts';
import { TFLITE_OPERATORS } from './operators.ts';
import { BUILTIN, MODEL, OPERATOR, OPERATOR_CODE, SUBGRAPH } from './schema.ts';
import { readTensors, type TfliteTensor } from './tensors.ts';

export const TFLITE_IDENTIFIER = 'TFL3';

/** Raises FORMAT_CORRUPT, FORMAT_UNSUPPORTED, MODEL_INVALID or OPERATOR_UNSUPPORTED, naming operator or tensor. */
export function importTflite(bytes: Uint8Array, name: string): Graph {
  const model = rootTable(bytes, TFLITE_IDENTIFIER, name);
  const [subgraph, second] = model.tables(MODEL.subgraphs);
  if (!subgraph) throw new RequantError('MODEL_INVALID', 'the file holds no graph', { file: name });
  if (second) throw new RequantError('OPERATOR_UNSUPPORTED', 'models with control flow (several graphs) are not supported', { file: name });
  const codes = model.tables(MODEL.operatorCodes).map(operatorName);
  const tensors = readTensors(model, subgraph, name);
  refuseQuantized(tensors, name);

  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>();
  const nodes: Node[] = [];
  for (const { name: tensor, shape, dtype, constant } of tensors) {
    if (constant) constants.set(tensor, constant);
    else values.set(tensor, { name: tensor, shape, dtype });
  }
  const hybrid = new Set(tensors.filter((t) => t.hybrid).map((t) => t.name));
  const at = (index: number): TfliteTensor => {
    const found = tensors[index];
    if (!found) throw new RequantError('MODEL_INVALID', `there is no tensor ${index}`, { file: name });
    return found;
  };
  const ports = (slot: number): Port[] => subgraph.int32s(slot).map((index) => {
    const { name: tensor, shape, dtype } = at(index);
    return { name: tensor, value: tensor, shape, dtype };
  });

  for (const operator of subgraph.tables(SUBGRAPH.operators)) {
    const type = codes[operator.uint32(OPERATOR.opcode)];
    const outputs = operator.int32s(OPERATOR.outputs);
    if (type === undefined || outputs.length === 0) throw new RequantError('MODEL_INVALID', 'an operator lacks its kind or its output', { file: name });
    const output = at(outputs[0] ?? -1);
    const fail = (message: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `${type}: ${message}`, { file: name, node: output.name });
    const row = Object.hasOwn(TFLITE_OPERATORS, type) ? TFLITE_OPERATORS[type] : undefined;
    if (!row || outputs.length > 1) throw fail(row ? 'several outputs are not supported' : 'this operator is not supported');
    const shapeOf = (tensor: string): readonly number[] => constants.get(tensor)?.shape ?? values.get(tensor)?.shape ?? [];
    row({
      inputs: operator.int32s(OPERATOR.inputs).map((index) => (index === -1 ? '' : at(index).name)),
      output: output.name, outputShape: output.shape, options: operator.table(OPERATOR.options),
      shapeOf, constantOf: (tensor) => constants.get(tensor), isHybrid: (tensor) => hybrid.has(tensor), fail,
      constant: (tensor, t) => { constants.set(tensor, t); if (tensor === output.name) values.delete(tensor); return tensor; },
      node: (op, inputs, attrs, made = output.name) => {
        if (!values.has(made)) values.set(made, { name: made, shape: intermediateShape(op, inputs, attrs, shapeOf, output.shape), dtype: 'float32' });
        nodes.push({ op, attrs, inputs, outputs: [made], sources: [{ name: output.name, type }] });
        return made;
      },
    });
  }
  return { name: name.replace(/\.tflite$/i, ''), format: 'tflite', inputs: ports(SUBGRAPH.inputs), outputs: ports(SUBGRAPH.outputs), values, constants, nodes };
}

/** Shapes of values that the file does not name: what stands between the parts of one operator. */
function intermediateShape(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, shapeOf: (name: string) => readonly number[], otherwise: readonly number[]): readonly number[] {
  const x = shapeOf(inputs[0] ?? '');
  if (op === 'reshape' && Array.isArray(attrs['shape'])) return attrs['shape'].map(Number);
  if (op === 'fully_connected') return [...x.slice(0, -1), shapeOf(inputs[1] ?? '')[0] ?? 0];
  if (op === 'global_avg_pool2d') return [x[0] ?? 1, 1, 1, x[3] ?? 1];
  return otherwise;
}

/** The code moved to a wider field when there were more than 127 operators; the larger of both counts. */
function operatorName(table: Table): string {
  const code = Math.max(table.int8(OPERATOR_CODE.deprecatedCode), table.int32(OPERATOR_CODE.code));
  return BUILTIN[code] === 'CUSTOM' ? `CUSTOM ${table.text(OPERATOR_CODE.customCode)}` : BUILTIN[code] ?? `operator ${code}`;
}

function refuseQuantized(tensors: readonly TfliteTensor[], file: string): void {
  const quantized = tensors.find((t) => !t.constant && (t.dtype === 'int8' || t.dtype === 'uint8' || t.dtype === 'int16'));
  if (quantized) {
    throw new RequantError('FORMAT_UNSUPPORTED', `the model arrives quantized: its activations are ${quantized.dtype}`, { file, tensor: quantized.name },
      { hint: 'Open the float model that it was made from.' });
  }
}
