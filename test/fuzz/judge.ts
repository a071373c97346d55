// What becomes of one mutated file: refused with a clear error, or a model that works.
import { loadModel, type LoadedNet } from '../../core/engine/pipeline.ts';
import { RequantError } from '../../core/errors/index.ts';
import { allocate, sizeOf, type NamedTensors } from '../../core/tensor/tensor.ts';

/** A network that is larger in numbers held or multiplied is opened and converted, but not run: that would be its own work, not the reader's. */
const LARGEST_RUN = 2_000_000;

/** 'INTERNAL' says that something was not foreseen; it is no clear error. */
const clear = (thrown: unknown): string => {
  if (thrown instanceof RequantError && thrown.code !== 'INTERNAL') return thrown.code;
  throw thrown;
};
const isSmall = ({ graph }: LoadedNet): boolean =>
  [...graph.values.values()].reduce((sum, value) => sum + sizeOf(value.shape), 0) <= LARGEST_RUN
  && graph.nodes.reduce((sum, node) => sum + sizeOf(graph.values.get(node.outputs[0] ?? '')?.shape ?? []) * sizeOf(graph.constants.get(node.inputs[1] ?? '')?.shape ?? []), 0) <= LARGEST_RUN;

/** The code of the refusal, 'works' where the model ran, 'opens' where it is too large to be run here. Raises whatever is not a clear error. */
export async function judge(bytes: Uint8Array): Promise<string> {
  let net: LoadedNet;
  try { net = await loadModel({ format: 'tflite', model: bytes, options: {}, inputTypes: {} }); } catch (thrown) { return clear(thrown); }
  try {
    const small = isSmall(net);
    const inputs: NamedTensors = small ? Object.fromEntries(net.graph.inputs.flatMap(({ name, shape, dtype }) => (dtype === 'string' ? [] : [[name, { dtype, shape, data: allocate(dtype, sizeOf(shape)) }]]))) : {};
    if (small) await net.execute(inputs);
    if (net.graph.stored) for (const flavor of ['sima', 'tflite'] as const) {
      const model = net.convertToSimaQuantization({ flavor });
      try { if (small) await model.execute(inputs, { way: 'reference' }); } finally { await model.release(); }
    }
    return small ? 'works' : 'opens';
  } catch (thrown) {
    return clear(thrown);
  } finally {
    await net.release();
  }
}
