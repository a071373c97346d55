// Topic engine: who is there, and how it works.
import * as v from 'valibot';
import { Settings } from './desk.ts';
import { method } from './method.ts';
import { FileRef } from './model.ts';

/** `start` is a model that the engine was started with (command line, file association). */
export const engineHello = method('engine.hello', v.object({}), v.object({
  version: v.string(),
  start: v.nullable(v.union([FileRef, v.literal('sample')])),
}));
/** Threads for models opened from now on; null: one for each core. */
export const engineConfigure = method('engine.configure', v.object({ threads: Settings.entries.threads }), v.object({}));
