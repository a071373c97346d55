// Does this ONNX Runtime, on this processor, compute with its operators for integers as their proofs take for granted? Layers of the largest numbers, on
// which products in pairs leave 16 bits, sums at every step and beside it, and all pairs of an addition, on each of its kernels; once a process.
import { emitIntegerGraph, integerFormOf } from '../../emit/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { Quantization, QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import { runNode } from '../reference.ts';
import type { createSession } from '../session.ts';
import type { IntegerRuntime } from '../../ops/index.ts';

type Open = typeof createSession;
/** What was found out about it; `fault` is one sentence. */
export type Finding = IntegerRuntime | { readonly fault: string };
const findings = new WeakMap<Open, Promise<Finding>>();

/** The finding of this process. */
export function integerRuntime(open: Open): Promise<Finding> {
  const known = findings.get(open);
  if (known) return known;
  const asked = examine(open);
  findings.set(open, asked);
  return asked;
}

async function examine(open: Open): Promise<Finding> {
  const { graph, inputs } = checkGraph();
  const expected = new Map(graph.nodes.map((node) => [node.name, runNode(graph, node, node.inputs.map((name) => inputs[name] as Tensor)).data]));
  const wrongWith = async (runtime: IntegerRuntime): Promise<string | undefined> => {
    const session = await open(emitIntegerGraph(graph, graph.nodes, Object.keys(inputs), [...expected.keys()], runtime));
    try {
      const results = await session.run(inputs);
      return [...expected].find(([name, data]) => data.some((q, i) => q !== results[name]?.data[i]))?.[0];
    } finally { await session.release(); }
  };
  try {
    if (await wrongWith({ signedWeights: true }) === undefined) return { signedWeights: true };
    const wrong = await wrongWith({ signedWeights: false });
    return wrong === undefined ? { signedWeights: false } : { fault: `ONNX Runtime's operators for integers add up or round otherwise here: ${wrong}` };
  } catch (error) {
    if (!(error instanceof RequantError) || error.code !== 'RUNTIME_FAILED') throw error;
    return { fault: `ONNX Runtime refuses operators for integers: ${error.message}` };
  }
}

interface Layer {
  readonly name: string;
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly groups: number;
}
/** Of the kinds that ONNX Runtime tells apart: by channels that come in fours or not, by sixteens for depthwise ones, and by windows. */
const LAYERS: readonly Layer[] = [
  { name: 'a convolution', channels: 64, outputs: 32, kernel: 3, groups: 1 },
  { name: 'a convolution of single pixels', channels: 64, outputs: 32, kernel: 1, groups: 1 },
  { name: 'a convolution of 3 channels', channels: 3, outputs: 17, kernel: 5, groups: 1 },
  { name: 'a convolution in groups', channels: 32, outputs: 16, kernel: 3, groups: 2 },
  { name: 'a depthwise convolution', channels: 32, outputs: 32, kernel: 3, groups: 32 },
  { name: 'a depthwise convolution of 19 channels', channels: 19, outputs: 19, kernel: 3, groups: 19 },
];
const SIZE = 4;
/** Channels that hold a sum each, and the kernels that round them. */
const SUMS = [{ name: 'sums rounded behind a convolution', channels: 4, groups: 1 }, { name: 'sums rounded apart', channels: 3, groups: 1 }, { name: 'sums rounded behind a depthwise convolution', channels: 768, groups: 768 }] as const;
const CHANNELS = 768;

/** The network of the check and its inputs. */
export function checkGraph(): { readonly graph: QuantizedGraph; readonly inputs: Readonly<Record<string, Tensor>> } {
  let state = 99;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const below = (n: number): number => Math.floor(next() * n);
  const values = new Map<string, { name: string; shape: readonly number[]; quantization: Quantization }>();
  const constants = new Map<string, Tensor>();
  const inputs: Record<string, Tensor> = {};
  const nodes: QuantizedNode[] = [];
  const feed = (shape: readonly number[], zeroPoint: number, make: (i: number) => number): string => {
    const name = `x${Object.keys(inputs).length}`;
    values.set(name, { name, shape, quantization: { dtype: 'int8', scale: 1, zeroPoint } });
    inputs[name] = tensor('int8', shape, Int8Array.from({ length: sizeOf(shape) }, (_, i) => make(i)));
    return name;
  };
  const add = (name: string, op: string, read: readonly string[], shape: readonly number[], zeroPoint: number, attrs: QuantizedNode['attrs'], roles: Readonly<Record<string, Tensor>> = {}): void => {
    values.set(name, { name, shape, quantization: { dtype: 'int8', scale: 1, zeroPoint } });
    for (const [role, t] of Object.entries(roles)) constants.set(`${name} ${role}`, t);
    nodes.push({ name, kind: 'integer', op, unit: 'MLA', partition: 0, attrs: { ...attrs, min: -128, max: 127 }, inputs: read, outputs: [name], constants: Object.fromEntries(Object.keys(roles).map((role) => [role, `${name} ${role}`])), precision: 'int8', identity: name });
  };
  const convolution = ({ name, channels, outputs, kernel, groups }: Layer, size: number, x: string, zeroPoint: number, make: { weight: () => number; bias: readonly number[]; shift: readonly number[] }): void => {
    const shape = [outputs, kernel, kernel, channels / groups];
    add(name, 'conv2d', [x], [1, size, size, outputs], zeroPoint, { strides: [1, 1], pads: new Array<number>(4).fill((kernel - 1) / 2), dilations: [1, 1], groups, mode: 'sima', activation: 'none' }, {
      weights: tensor('int8', shape, Int8Array.from({ length: sizeOf(shape) }, make.weight)), bias: tensor('int32', [outputs], Int32Array.from(make.bias)), shift: tensor('int32', [outputs], Int32Array.from(make.shift)),
    });
  };

  for (const layer of LAYERS) {
    // Neighbours in fours, which kernels add up first, have one sign and are as large as they get.
    let sign = 1, count = 0;
    const weight = (): number => { if (count++ % 4 === 0) sign = next() < 0.5 ? -1 : 1; return sign * (127 - (next() < 0.9 ? 0 : below(127))); };
    let high = true;
    const x = feed([1, SIZE, SIZE, layer.channels], -128, (i) => { if (i % 4 === 0) high = next() < 0.7; return high ? 127 : -128; });
    const list = (make: () => number): number[] => Array.from({ length: layer.outputs }, make);
    convolution(layer, SIZE, x, -10, { weight, bias: list(() => below(20001) - 10000), shift: list(() => (layer.groups > 2 ? 8 : 12) + below(2)) });
  }
  for (const { name, channels, groups } of SUMS) {
    const shift = Array.from({ length: CHANNELS }, () => 1 + below(14));
    const zeroPoint = -100;
    const bias = shift.map((n) => Math.floor((below(258) - 1 - 128 - zeroPoint - 0.5) * 2 ** n) + below(5) - 2);
    convolution({ name, channels, outputs: CHANNELS, kernel: 1, groups }, 1, feed([1, 1, 1, channels], 7, () => 7), zeroPoint, { weight: () => below(3) - 1, bias, shift });
  }
  const pairs = [256, 256];
  const [a, b] = [feed(pairs, -128, (i) => (i >> 8) - 128), feed(pairs, 20, (i) => (i & 255) - 128)];
  add('an addition', 'add', [a, b], pairs, -30, { ma: 21845, mb: 30000, shift: 15, za: -128, zb: 20 });
  const graph: QuantizedGraph = { name: 'check', inputs: [], outputs: [], notices: [], values, constants, nodes };
  const loose = nodes.find((node) => integerFormOf(graph, node)?.reason !== undefined);
  if (loose) throw new RequantError('INTERNAL', 'a part of the check of ONNX Runtime is not proved', { node: loose.name });
  return { graph, inputs };
}
