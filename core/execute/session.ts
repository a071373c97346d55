// An emitted graph in ONNX Runtime: built once, then run sample by sample.
import * as ort from 'onnxruntime-node';
import { onnxFile, type EmittedGraph, type EmittedPort } from '../emit/index.ts';
import { RequantError } from '../errors/index.ts';
import { chosenThreads } from '../kernels/index.ts';
import type { Doors } from './float-program.ts';
import { QUIET, runQuietly } from './quiet.ts';
import { isOpenTo, sizeOf, type NamedTensors, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';

export interface RuntimeSession {
  /**
   * Outputs by value name for inputs by value name. Given `into`, float32 tensors for all of them, they are written there and nothing is allocated, unless the
   * network runs in several sessions. Raises RUNTIME_FAILED.
   */
  run(inputs: NamedValues, into?: NamedTensors): Promise<NamedValues>;
  release(): Promise<void>;
}

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph. */
export const createSession = (emitted: EmittedGraph): Promise<RuntimeSession> => openSession(onnxFile(emitted), emitted);

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the file. */
export async function openSession(bytes: Uint8Array, emitted: Doors, threads = chosenThreads()): Promise<RuntimeSession> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'all', logSeverityLevel: 3, executionMode: 'sequential', ...(threads === undefined ? {} : { intraOpNumThreads: threads }) });
  } catch (error) {
    throw runtimeFailed(error, emitted.name);
  }
  return {
    run: async (inputs, into) => {
      const feeds: Record<string, ort.Tensor> = {};
      for (const port of emitted.inputs) {
        const t = inputs[port.value];
        if (!t) throw new RequantError('SHAPE_MISMATCH', 'this input is missing', { tensor: port.value });
        feeds[port.onnx] = toRuntime(t, port.shape);
      }
      const fetches = Object.fromEntries(emitted.outputs.map(({ onnx, value, shape }) => { const t = into?.[value]; return [onnx, t ? toRuntime(t, shape) : null]; }));
      const run = async (wanted: typeof fetches): Promise<ort.InferenceSession.OnnxValueMapType> => session.run(feeds, wanted);
      let results: ort.InferenceSession.OnnxValueMapType;
      try {
        if (into && emitted.quiet) return await runQuietly(into, () => run({ [QUIET]: null, ...fetches }));
        results = await run(fetches);
      } catch (error) { throw runtimeFailed(error, emitted.name); }
      return Object.fromEntries(emitted.outputs.map((port) => [port.value, fromRuntime(results[port.onnx], port)]));
    },
    release: () => session.release(),
  };
}

const runtimeFailed = (error: unknown, file: string): RequantError =>
  error instanceof RequantError ? error.within({ file }) : new RequantError('RUNTIME_FAILED', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error), { file }, { cause: error });

function toRuntime(t: Tensor | StringTensor, shape: readonly number[]): ort.Tensor {
  if (t.data.length !== sizeOf(shape)) throw new RequantError('SHAPE_MISMATCH', `${t.data.length} elements do not fill it`);
  const data = t.data as ort.Tensor.DataType;
  return new ort.Tensor(t.dtype, data, [...shape]);
}

function fromRuntime(result: ort.OnnxValue | undefined, { value, dtype, shape }: EmittedPort): Tensor | StringTensor {
  if (!result || !('data' in result)) throw new RequantError('RUNTIME_FAILED', 'ONNX Runtime did not return it', { tensor: value });
  const open = shape.includes(-1);
  if (result.type !== dtype || !(open ? isOpenTo(shape, result.dims) : result.size === sizeOf(shape))) {
    throw new RequantError('RUNTIME_FAILED', `ONNX Runtime returned ${result.type} [${result.dims.join(', ')}], not ${dtype} [${shape.join(', ')}]`, { tensor: value });
  }
  const found = open ? [...result.dims] : shape;
  return dtype === 'string' ? { dtype, shape: found, data: result.data as string[] } : { dtype, shape: found, data: result.data as Tensor['data'] };
}
