// PartitionedGraph + configuration + calibrated ranges -> QuantizedGraph: integer twins of the nodes, conversions on the edges.
import { RequantError } from '../errors/index.ts';
import {
  partitionNumbers, producersOf,
  type ActivationQuantization, type PartitionedGraph, type PlacedNode, type Precision, type Quantization,
  type QuantizedGraph, type QuantizedKind, type QuantizedNode, type QuantizedValue,
} from '../ir/index.ts';
import { operator, requantizeAttributes, type IntegerPlan, type Operand, type QuantizeView, type WeightLoops } from '../ops/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { chooseNodes, type NodeChoice } from './choices.ts';
import { defaultQuantization, type QuantizationConfig } from './config.ts';
import type { Equalized } from './equalize.ts';
import { floatNode, unquantized } from './unquantized.ts';

export * from './config.ts';
export { arrivedQuantization, quantizeAsArrived, QuantizationFlavor } from './arrived.ts';
export { configAsArrived } from './arrived-sima.ts';
export { equalize, type Equalized } from './equalize.ts';
export { chooseNodes } from './choices.ts';
export { quantizationScheme, type QuantizationScheme } from './scheme.ts';

/** What calibration knows, passed in: this room does not calibrate. */
export interface Calibrated {
  /** Quantization of a value at a precision, by the configuration's method and scheme. */
  readonly quantizationOf: (value: string, precision: Precision) => ActivationQuantization;
  readonly channelMeans: (value: string) => Float64Array | undefined;
  readonly loops: WeightLoops;
  /** Gives back the plan made earlier under the same key, so that what stays as it is is not quantized again. Keys hold everything but means and weights. */
  readonly remember?: (key: string, make: () => IntegerPlan | undefined) => IntegerPlan | undefined;
}

/** `factors` says what channel equalization did to `graph`. Raises NODE_UNKNOWN, PRECISION_UNSUPPORTED or CONFIG_INVALID before anything is computed. Deterministic: same inputs, same graph. */
export function quantizeGraph(graph: PartitionedGraph, config: QuantizationConfig, calibrated: Calibrated, factors: Equalized['factors'] = new Map()): QuantizedGraph {
  const { choices, notices } = chooseNodes(graph, config);
  const build = startBuilding(graph, calibrated);
  for (const node of graph.nodes) {
    const choice = choices.get(node.name);
    if (choice?.precision) addInteger(build, node, { ...choice, precision: choice.precision }, config);
    else addFloat(build, node);
  }
  const outputs = graph.outputs.map((port) => ({ ...port, value: asFloat(build, port.value) }));
  const partitions = partitionNumbers(build.nodes, (node) => node.unit);
  return {
    name: graph.name, inputs: graph.inputs, outputs, constants: build.constants, notices,
    values: new Map([...build.values].map(([name, value]) => [name, equalizedBy(value, factors.get(build.origins.get(name) ?? name))] as const)),
    nodes: build.nodes.map((node) => ({ ...node, partition: partitions.get(node) ?? 0 })),
  };
}

/** The whole network left in float, as a model that runs on the APU alone. */
export function floatGraph(graph: PartitionedGraph): QuantizedGraph {
  const nothing = (): never => { throw new RequantError('INTERNAL', 'a float network needs no calibration', { file: graph.name }); };
  return quantizeGraph(graph, defaultQuantization.withUnquantizedNodes(graph.nodes.map((node) => node.name)), { quantizationOf: nothing, channelMeans: () => undefined, loops: { errors: nothing, round: nothing } });
}

const equalizedBy = (value: QuantizedValue, factors: Float64Array | undefined): QuantizedValue => (factors ? { ...value, equalization: [...factors] } : value);

interface Building {
  readonly graph: PartitionedGraph;
  readonly calibrated: Calibrated;
  readonly values: Map<string, QuantizedValue>;
  readonly constants: Map<string, Tensor>;
  readonly nodes: Omit<QuantizedNode, 'partition'>[];
  /** The value behind each converted one. */
  readonly origins: Map<string, string>;
  /** Name of what produces a value, for the names of conversions. */
  readonly makers: ReadonlyMap<string, string>;
}

function startBuilding(graph: PartitionedGraph, calibrated: Calibrated): Building {
  const producers = producersOf(graph.nodes);
  const makers = new Map([...graph.values.keys()].map((name) => [name, producers.get(name)?.name ?? `input/${name}`]));
  const build: Building = { graph, calibrated, values: new Map(), constants: new Map(), nodes: [], origins: new Map(), makers };
  for (const port of graph.inputs) build.values.set(port.value, unquantized(graph, port.value));
  return build;
}

const stored = (build: Building, value: string): QuantizedValue => {
  const found = build.values.get(value);
  if (found) return found;
  throw new RequantError('INTERNAL', 'a value was to be converted before it was computed', { tensor: value });
};

/** Puts a conversion on an edge, once per value and target. Returns the converted value's name. */
function convert(build: Building, value: string, suffix: string, kind: QuantizedKind, quantization: Quantization | null, attrs: QuantizedNode['attrs']): string {
  const name = `${value}:${suffix}`;
  if (!build.values.has(name)) {
    const { shape } = stored(build, value);
    build.values.set(name, { name, shape, quantization });
    build.origins.set(name, value);
    build.nodes.push({
      name: `${build.makers.get(value) ?? value}:${kind}_${suffix}`, kind, op: kind, unit: 'MLA', attrs,
      inputs: [value], outputs: [name], constants: {}, precision: null, identity: `${value}:${suffix}`,
    });
  }
  return name;
}

function asFloat(build: Building, value: string): string {
  return stored(build, value).quantization ? convert(build, value, 'float32', 'dequantize', null, {}) : value;
}

/** The value at a precision: as it is, quantized from float, or requantized on the edge (numerics 6). Positions go by way of float. */
function asInteger(build: Building, value: string, precision: Precision): { name: string; quantization: ActivationQuantization } {
  const { quantization } = stored(build, value);
  if (quantization?.dtype === precision && typeof quantization.scale === 'number') {
    return { name: value, quantization: { dtype: precision, scale: quantization.scale, zeroPoint: quantization.zeroPoint } };
  }
  const wanted = build.calibrated.quantizationOf(value, precision);
  if (!quantization) return { name: convert(build, value, precision, 'quantize', wanted, {}), quantization: wanted };
  if (quantization.dtype === 'int32') return { name: convert(build, asFloat(build, value), precision, 'quantize', wanted, {}), quantization: wanted };
  if (typeof quantization.scale !== 'number') throw new RequantError('INTERNAL', 'an accumulator reached an integer node', { tensor: value });
  return { name: convert(build, value, precision, 'requantize', wanted, requantizeAttributes({ scale: quantization.scale }, wanted)), quantization: wanted };
}

function addFloat(build: Building, node: PlacedNode): void {
  const inputs = node.inputs.map((input) => {
    const constant = build.graph.constants.get(input);
    if (!constant) return input === '' ? '' : asFloat(build, input);
    build.constants.set(input, constant);
    return input;
  });
  for (const output of node.outputs) build.values.set(output, unquantized(build.graph, output));
  build.nodes.push(floatNode(node, inputs, { name: node.name, identity: node.identity }));
}

function addInteger(build: Building, node: PlacedNode, choice: NodeChoice & { readonly precision: Precision }, config: QuantizationConfig): void {
  const { graph, calibrated } = build;
  const definition = operator(node.op, { node: node.name });
  const names: string[] = [];
  const inputQuantization: (ActivationQuantization | undefined)[] = [];
  const operands = node.inputs.map((input, i): Operand | undefined => {
    const constant = graph.constants.get(input);
    if (input === '' || constant) return constant ? { name: input, shape: constant.shape, constant } : undefined;
    const { name, quantization } = asInteger(build, input, choice.precision);
    names[i] = name;
    inputQuantization[i] = quantization;
    return { name: input, shape: graph.values.get(input)?.shape ?? [] };
  });
  const [output = ''] = node.outputs;
  const passed = definition.traits.includes('passThrough') ? inputQuantization[0] : undefined;
  const means = calibrated.channelMeans(node.inputs[0] ?? '');
  const view: QuantizeView<never> = {
    attrs: node.attrs as never, inputs: operands, where: { node: node.name }, loops: calibrated.loops,
    settings: {
      precision: choice.precision,
      perChannelWeights: config.weightQuantizationScheme.perChannel,
      asymmetricActivations: config.activationQuantizationScheme.asymmetric,
      requantization: config.requantizationMode,
      outputInt32: choice.outputInt32,
      biasCorrection: config.biasCorrection,
      weightRounding: config.weightRounding,
    },
    inputQuantization,
    outputQuantization: passed ?? calibrated.quantizationOf(output, choice.precision),
    ...(means ? { inputMeans: means } : {}),
  };
  const make = (): IntegerPlan | undefined => definition.quantize?.(view);
  const { remember } = calibrated;
  const plan = remember ? remember(JSON.stringify([node.name, view.settings, view.inputQuantization, view.outputQuantization]), make) : make();
  if (!plan) throw new RequantError('PRECISION_UNSUPPORTED', `${node.op} has no integer form`, { node: node.name });
  const constants: Record<string, string> = {};
  for (const [role, tensor] of Object.entries(plan.constants)) {
    constants[role] = `${node.name}/${role}`;
    build.constants.set(`${node.name}/${role}`, tensor);
  }
  build.values.set(output, { name: output, shape: graph.values.get(output)?.shape ?? [], quantization: plan.output });
  build.nodes.push({
    name: node.name, kind: 'integer', op: node.op, unit: 'MLA', attrs: plan.attrs,
    inputs: plan.activations.map((i) => names[i] ?? ''), outputs: node.outputs, constants, precision: choice.precision, identity: node.identity,
  });
}
