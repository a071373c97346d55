// NAME.sima.json: the quantized graph in the shape of a Keras functional model, so that Netron draws it with layer names,
// attributes, weights' shapes and "Layer Statistics". For people; nothing reads it back.
import type { ErrorReport, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { operator } from '../ops/index.ts';

/** "Layer Statistics" show the report's metric. */
export function kerasJson(graph: QuantizedGraph, report: ErrorReport | undefined): string {
  const makers = new Map<string, string>([
    ...graph.inputs.map((port) => [port.value, port.name] as const),
    ...graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node.name] as const)),
  ]);
  const errors = new Map(report?.nodes.map((error) => [error.name, error[report.metric]]));
  const inputs = graph.inputs.map((port) => ({
    class_name: 'InputLayer', name: port.name, inbound_nodes: [],
    config: { name: port.name, batch_input_shape: graph.values.get(port.value)?.shape ?? port.shape, dtype: port.dtype },
  }));
  const layers = graph.nodes.map((node) => ({
    class_name: className(node),
    name: node.name,
    inbound_nodes: [node.inputs.flatMap((input) => { const maker = makers.get(input); return maker === undefined ? [] : [[maker, 0, 0, {}]]; })],
    config: {
      name: node.name,
      ...plainAttributes(node),
      ...describe(graph, node),
      ...(errors.has(node.name) ? { 'Layer Statistics': { metric: report?.metric, error_value: finite(errors.get(node.name)), local_feed: report?.localFeed ?? false } } : {}),
    },
  }));
  return JSON.stringify({
    class_name: 'Functional', keras_version: '2.4.0', backend: 'requant',
    config: {
      name: graph.name, layers: [...inputs, ...layers],
      input_layers: graph.inputs.map((port) => [port.name, 0, 0]),
      output_layers: graph.outputs.map((port) => [makers.get(port.value) ?? port.name, 0, 0]),
    },
  }, null, 2);
}

const className = (node: QuantizedNode): string => {
  const partition = /^[A-Z]+_\d+\//.exec(node.name)?.[0] ?? '';
  return `${partition}${operator(node.op).className}`;
};

/** JSON has no infinity; people still want to read it. */
const finite = (x: number | undefined): number | string | null => (x === undefined ? null : Number.isFinite(x) ? x : String(x));

const plainAttributes = (node: QuantizedNode): Record<string, unknown> => Object.fromEntries(Object.entries(node.attrs).filter(([key]) => key !== 'name'));

function describe(graph: QuantizedGraph, node: QuantizedNode): Record<string, unknown> {
  const quantization = (name: string | undefined): unknown => {
    const value = graph.values.get(name ?? '');
    const q = value?.quantization;
    return q ? { dtype: q.dtype, scale: q.scale, zero_point: q.zeroPoint } : value?.dtype ?? 'float32';
  };
  return {
    _status: node.kind === 'float' ? 'FLOAT' : 'SIMA_QUANTIZED',
    partition: `${node.unit}_${node.partition}`,
    precision: node.precision ?? (node.kind === 'float' ? 'float32' : node.kind),
    input_int16: node.inputs.some((name) => graph.values.get(name)?.quantization?.dtype === 'int16'),
    input_quantization: node.inputs.map(quantization),
    output_quantization: quantization(node.outputs[0]),
    output_shape: graph.values.get(node.outputs[0] ?? '')?.shape ?? [],
    constants: Object.fromEntries(Object.entries(node.constants).map(([role, name]) => [role, { shape: graph.constants.get(name)?.shape ?? [], dtype: graph.constants.get(name)?.dtype }])),
    identity: node.identity,
  };
}
