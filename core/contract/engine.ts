// Topic engine: who is there.
import * as v from 'valibot';
import { method } from './method.ts';
import { FileRef } from './model.ts';

/** `start` is a model that the engine was started with (command line, file association). */
export const engineHello = method('engine.hello', v.object({}), v.object({
  version: v.string(),
  start: v.nullable(v.union([FileRef, v.literal('sample')])),
}));
