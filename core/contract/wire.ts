// The messages themselves, and the link that carries them.
import * as v from 'valibot';
import { Progress } from './method.ts';

const id = v.pipe(v.number(), v.integer(), v.minValue(1));
export const PlainErrorSchema = v.object({
  code: v.string(), message: v.string(), hint: v.string(),
  where: v.object({ file: v.optional(v.string()), node: v.optional(v.string()), tensor: v.optional(v.string()), sample: v.optional(v.number()) }),
});

/** Client to server. */
export const Request = v.variant('kind', [
  v.object({ kind: v.literal('call'), id, method: v.string(), params: v.unknown() }),
  v.object({ kind: v.literal('cancel'), id }),
]);
export type Request = v.InferOutput<typeof Request>;

/** Server to client. `lost`: the engine's worker died and a new one has started; open calls have failed. */
export const Response = v.variant('kind', [
  v.object({ kind: v.literal('progress'), id, progress: Progress }),
  v.object({ kind: v.literal('result'), id, result: v.unknown() }),
  v.object({ kind: v.literal('error'), id, error: PlainErrorSchema }),
  v.object({ kind: v.literal('lost'), message: v.string() }),
]);
export type Response = v.InferOutput<typeof Response>;

/** One end of a two-way channel. Messages are structured-clonable plain data with typed arrays. */
export interface Link {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}
