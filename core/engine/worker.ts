// The engine's worker thread: one session, one job at a time, in the order of queue.ts. All computing happens here.
import { parentPort } from 'node:worker_threads';
import { RequantError } from '../errors/index.ts';
import type { FileRef, MethodName, Params, Progress } from '../contract/index.ts';
import { createCancelToken } from './cancel.ts';
import type { JobOptions } from './job.ts';
import type { DeskMethod } from './desk/desk.ts';
import { useThreads } from './pipeline.ts';
import { createQueue } from './queue.ts';
import { createSession } from './session.ts';
import type { WorkerCall, WorkerFile, WorkerReply } from './worker-messages.ts';

const port = parentPort;
if (!port) throw new RequantError('INTERNAL', 'the engine worker was not started as a worker thread');
const session = createSession();
const send = (reply: WorkerReply): void => port.postMessage(reply);

interface CallScope {
  readonly job: JobOptions;
  readonly tell: (progress: Progress) => void;
  readonly pathOf: (file: FileRef) => string;
  readonly files: WorkerFile[];
}
type Handlers = { readonly [M in Exclude<MethodName, 'engine.hello' | DeskMethod>]: (params: Params<M>, scope: CallScope) => unknown };

const handlers: Handlers = {
  'engine.configure': ({ threads }) => { useThreads(threads); return {}; },
  'model.open': ({ file, inputShapes }, { pathOf }) => session.openModel(pathOf(file), inputShapes),
  'model.inputs': ({ file, inputShapes }, { pathOf }) => session.modelInputs(pathOf(file), inputShapes),
  'model.openSample': async () => ({ model: await session.openSample() }),
  'model.original': () => session.original(),
  'data.open': (params, { pathOf }) => session.openData(params, pathOf),
  'data.openSample': ({ role }) => session.openSampleData(role),
  'data.state': () => session.dataState(),
  'data.close': ({ role }) => { session.closeData(role); return {}; },
  'run.start': (params, { job }) => session.run(params, job),
  'run.draft': (params, { job }) => session.draft(params, job),
  'sweep.start': (params, { job, tell }) => session.sweep(params, job, tell),
  'run.delete': async ({ run }) => { await session.deleteRun(run); return {}; },
  'node.inspect': (params) => session.inspect(params),
  'node.errors': (params, { job }) => session.look.errors(params, job),
  'node.output': (params) => session.look.output(params),
  'node.map': (params) => session.look.map(params),
  'run.save': async (params, { pathOf, files }) => {
    const saved = await session.save(params, params.target && pathOf(params.target));
    if (!params.target) files.push(...saved);
    return { files: saved.map(({ name, bytes }) => ({ name, bytes: bytes.length })) };
  },
};

async function answer(call: WorkerCall): Promise<void> {
  send({ kind: 'begun', id: call.id });
  const cancel = createCancelToken(call.flag);
  const tell = (progress: Progress): void => send({ kind: 'progress', id: call.id, progress });
  const scope: CallScope = {
    files: [], tell,
    job: { cancel, onProgress: (progress) => tell({ ...progress }) },
    pathOf: (file) => {
      const path = call.paths[file.id];
      if (path === undefined) throw new RequantError('FILE_NOT_FOUND', 'this file was not chosen in this session', { file: file.name });
      return path;
    },
  };
  try {
    cancel.throwIfCancelled();
    const handler = handlers[call.method as keyof Handlers] as (params: never, scope: CallScope) => unknown;
    const result = await handler(call.params as never, scope);
    send({ kind: 'result', id: call.id, result, files: scope.files });
  } catch (error) {
    send({ kind: 'error', id: call.id, error: RequantError.from(error).toPlain() });
  }
}

const queue = createQueue(answer);
port.on('message', (call: WorkerCall) => queue.add(call));
