// Asks the engine something that nobody waits for with a progress bar: details of what is looked at.
import type { MethodName, Params, Result } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { log } from '../stores/messages.ts';
import type { Studio } from './studio.ts';

/** Null when the engine cannot tell; the reason goes to the log only, since nobody asked for more than a look. */
export async function ask<M extends MethodName>(studio: Studio, method: M, params: Params<M>, signal: AbortSignal): Promise<Result<M> | null> {
  try {
    return await studio.client().call(method, params, { signal });
  } catch (thrown) {
    const error = RequantError.from(thrown);
    if (error.code !== 'CANCELLED') log(error.line, 'error');
    return null;
  }
}
