// A float network in ONNX Runtime: built once for the values that are wanted, then run sample by sample.
import * as ort from 'onnxruntime-node';
import { RequantError } from '../../errors/index.ts';
import type { Graph } from '../../ir/index.ts';
import { sizeOf, type DType, type NamedTensors, type Tensor } from '../../tensor/tensor.ts';
import { emitFloatGraph, type AfterValue } from './emitter.ts';
import { onnxFile, OPSET } from './file.ts';

export interface FloatSession {
  /** Values by name, in graph order, for inputs by value name. Raises RUNTIME_FAILED. */
  run(inputs: NamedTensors): Promise<NamedTensors>;
  release(): Promise<void>;
}

export interface FloatSessionOptions {
  readonly threads?: number;
  readonly after?: AfterValue;
}

/** Raises RUNTIME_FAILED when ONNX Runtime refuses the graph. */
export async function createFloatSession(graph: Graph, wanted: readonly string[], options: FloatSessionOptions = {}): Promise<FloatSession> {
  const emitted = emitFloatGraph(graph, { wanted, ...(options.after ? { after: options.after } : {}) });
  const bytes = onnxFile(emitted, opsetOf(graph));
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      graphOptimizationLevel: 'all', logSeverityLevel: 3, executionMode: 'sequential',
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    });
  } catch (error) {
    throw runtimeFailed(error, graph.name);
  }
  return {
    run: async (inputs) => {
      const feeds: Record<string, ort.Tensor> = {};
      for (const value of emitted.inputs) {
        const t = inputs[value.name];
        if (!t) throw new RequantError('SHAPE_MISMATCH', 'this input is missing', { tensor: value.name });
        feeds[`in:${value.name}`] = toRuntime(t, value.shape);
      }
      let results: ort.InferenceSession.OnnxValueMapType;
      try { results = await session.run(feeds); }
      catch (error) { throw runtimeFailed(error, graph.name); }
      const out: Record<string, Tensor> = {};
      for (const { name, onnx, dtype, shape } of emitted.outputs) out[name] = fromRuntime(results[onnx], name, dtype, shape);
      return out;
    },
    release: () => session.release(),
  };
}

/** Operators that passed through unchanged mean what the opset of their file says, which may be newer than ours. */
const opsetOf = (graph: Graph): number =>
  graph.nodes.reduce((newest, { attrs: { opset } }) => (typeof opset === 'number' ? Math.max(newest, opset) : newest), OPSET);

const runtimeFailed = (error: unknown, file: string): RequantError =>
  new RequantError('RUNTIME_FAILED', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error), { file }, { cause: error });

function toRuntime(t: Tensor, shape: readonly number[]): ort.Tensor {
  if (t.data.length !== sizeOf(shape)) throw new RequantError('SHAPE_MISMATCH', `${t.data.length} elements do not fill it`);
  const data = t.data as ort.Tensor.DataType;
  return new ort.Tensor(t.dtype, data, [...shape]);
}

function fromRuntime(value: ort.OnnxValue | undefined, name: string, dtype: DType, shape: readonly number[]): Tensor {
  if (!value || !('data' in value)) throw new RequantError('RUNTIME_FAILED', 'ONNX Runtime did not return it', { tensor: name });
  if (value.type !== dtype || value.size !== sizeOf(shape)) {
    throw new RequantError('RUNTIME_FAILED', `ONNX Runtime returned ${value.type} [${value.dims.join(', ')}], not ${dtype} [${shape.join(', ')}]`, { tensor: name });
  }
  return { dtype, shape, data: value.data as Tensor['data'] };
}
