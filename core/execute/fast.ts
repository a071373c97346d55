// The fast way: convolutions and fully connected layers of a quantized graph sum in ONNX Runtime's float32, the rest stays exact. Sums past
// 2^24 may be rounded, so results may differ from the reference by a step; that is why it has to be asked for.
import { RequantError } from '../errors/index.ts';
import type { Graph, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { operator, weightedKernel } from '../ops/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';
import { createFloatSession, type FloatSession } from './float/session.ts';

export interface FastNodes {
  /** Is this a node that has a fast way? */
  has(node: QuantizedNode): boolean;
  run(node: QuantizedNode, inputs: readonly Tensor[]): Promise<Tensor>;
  release(): Promise<void>;
}

export function createFastNodes(graph: QuantizedGraph): FastNodes {
  const sessions = new Map<string, Promise<FloatSession>>();
  const sessionOf = (node: QuantizedNode): Promise<FloatSession> => {
    const known = sessions.get(node.name);
    if (known) return known;
    const made = createFloatSession(sumsOf(graph, node), node.outputs);
    sessions.set(node.name, made);
    return made;
  };
  return {
    has: (node) => node.kind === 'integer' && operator(node.op).traits.includes('weighted'),
    run: async (node, inputs) => {
      const [input] = inputs;
      const [name = ''] = node.inputs;
      const [output = ''] = node.outputs;
      const value = graph.values.get(output);
      if (!input || !value) throw new RequantError('MODEL_INVALID', 'a weighted node lacks its input or output', { node: node.name });
      const zeroPoint = graph.values.get(name)?.quantization?.zeroPoint ?? 0;
      const centred = Float32Array.from(input.data as ArrayLike<number>, (q) => q - zeroPoint);
      const sums = (await (await sessionOf(node)).run({ [name]: float32(input.shape, centred) }))[output]?.data;
      if (!(sums instanceof Float32Array)) throw new RequantError('INTERNAL', 'the sums were not computed', { node: node.name });
      const kernel = weightedKernel({
        attrs: node.attrs, inputQuantization: [graph.values.get(name)?.quantization ?? null], outputQuantization: value.quantization,
        constants: Object.fromEntries(Object.entries(node.constants).flatMap(([role, constant]) => { const t = graph.constants.get(constant); return t ? [[role, t] as const] : []; })),
      });
      const out = kernel.newOutput(sums.length);
      const channels = kernel.bias.length;
      for (let i = 0; i < sums.length; i++) kernel.finish(out, i, i % channels, Math.round(sums[i] ?? 0) + (kernel.bias[i % channels] ?? 0));
      return { dtype: kernel.dtype, shape: value.shape, data: out };
    },
    release: async () => { for (const session of sessions.values()) await (await session).release(); },
  };
}

/** The node's sums alone, without bias and activation, as a float graph over q - zeroPoint. */
function sumsOf(graph: QuantizedGraph, node: QuantizedNode): Graph {
  const [input = ''] = node.inputs;
  const weights = graph.constants.get(node.constants['weights'] ?? '');
  if (!weights) throw new RequantError('MODEL_INVALID', 'its weights are missing', { node: node.name });
  const value = (name: string) => ({ name, shape: graph.values.get(name)?.shape ?? [], dtype: 'float32' as const });
  const values = new Map([input, ...node.outputs].map((name) => [name, value(name)]));
  const port = (name: string) => ({ ...value(name), value: name });
  return {
    name: node.name, format: 'onnx', inputs: [port(input)], outputs: node.outputs.map(port), values,
    constants: new Map([['weights', float32(weights.shape, Float32Array.from(weights.data as Int8Array))]]),
    nodes: [{ op: node.op, attrs: { ...node.attrs, activation: 'none' }, inputs: [input, 'weights'], outputs: node.outputs, sources: [] }],
  };
}
