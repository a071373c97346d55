// A thread that observes samples for a calibration: a float session and observers of its own. Told to end, it lets everything go and ends by itself.
import { parentPort, workerData } from 'node:worker_threads';
import { createSampleObserver, type SampleObserver } from '../../calibrate/index.ts';
import { RequantError } from '../../errors/index.ts';
import { openFloatProgram, type RuntimeSession } from '../../execute/index.ts';
import { spaceFor, type Space } from './space.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';

const port = parentPort;
if (!port) throw new RequantError('INTERNAL', 'a calibrating thread was not started as a worker thread');
const send = (reply: FromThread, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(reply, transfer);

let session: RuntimeSession | undefined;
let observer: SampleObserver | undefined;
/** Made once: every calibration of this network observes the same values. */
let space: Space | undefined;
const observing = (): SampleObserver => observer ?? missing();
const missing = (): never => { throw new RequantError('INTERNAL', 'a thread was to observe before its calibration began'); };

async function open(): Promise<FromThread> {
  const { program, threads } = workerData as ThreadData;
  // ONNX Runtime reads no shared memory.
  const files = program.files.map(({ bytes, doors }) => ({ bytes: bytes.slice(), doors }));
  session = await openFloatProgram({ ...program, files }, threads);
  return { kind: 'ready' };
}

async function answer(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'begin': {
      observer = undefined;
      const { counters, into } = (space ??= spaceFor(message.values));
      observer = createSampleObserver(message.values, {
        execute: (inputs) => session?.run(inputs, into) ?? missing(),
        counters,
        ...(message.factors ? { factors: message.factors } : {}),
      });
      return send({ kind: 'begun' });
    }
    case 'observe': {
      const extremes = await observing().observe(message.sample, message.index);
      return send({ kind: 'observed', extremes }, [extremes.buffer as ArrayBuffer]);
    }
    case 'parts': {
      const parts = await observing().parts();
      return send({ kind: 'parts', parts }, parts.map((part) => part.histogram.counts.buffer as ArrayBuffer));
    }
    case 'end':
      await session?.release();
      port?.close();
  }
}

const fail = (thrown: unknown): void => send({ kind: 'failed', error: RequantError.from(thrown).toPlain() });
let queue = open().then(send, fail);
port.on('message', (message: ToThread) => { queue = queue.then(() => answer(message)).catch(fail); });
