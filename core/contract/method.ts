// A method of the contract: its name, and the parsers for what travels each way. Declared once, used by both ends.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { SweepRow } from './sweep-row.ts';

export interface Method<P extends v.GenericSchema = v.GenericSchema, R extends v.GenericSchema = v.GenericSchema> {
  readonly name: string;
  readonly params: P;
  readonly result: R;
}

export const method = <P extends v.GenericSchema, R extends v.GenericSchema>(name: string, params: P, result: R): Method<P, R> => ({ name, params, result });

export type ParamsOf<M extends Method> = v.InferOutput<M['params']>;
export type ResultOf<M extends Method> = v.InferOutput<M['result']>;

/** What a long method says on its way. `fraction` runs from 0 to 1 over the whole job; `row` is what a sweep has just measured. */
export const Progress = v.object({ stage: v.string(), fraction: v.number(), detail: v.optional(v.string()), secondsLeft: v.optional(v.number()), row: v.optional(SweepRow) });
export type Progress = v.InferOutput<typeof Progress>;

/** Parses a message part on arrival. Raises MESSAGE_INVALID, naming the method and the field. */
export function arrive<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const path = v.getDotPath(issue);
  throw new RequantError('MESSAGE_INVALID', `${what}${path ? `, field ${path}` : ''}: ${issue.message}`);
}
