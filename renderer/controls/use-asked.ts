// What the engine says of something that is looked at, asked again when it changes. A change of mind cancels the call.
import { useEffect, useState } from 'react';
import type { MethodName, Params, Result } from '../../core/contract/index.ts';
import { ask } from '../calls/ask.ts';
import { useSession } from '../stores/session.ts';
import { useStudio } from './studio-context.ts';

export interface Asked<M extends MethodName> {
  /** undefined: on its way; null: there is no answer. Until a newer answer is there, the one before stands. */
  readonly value: Result<M> | null | undefined;
  /** Is `value` the answer to what is asked now? */
  readonly fresh: boolean;
}

/** `params` null asks nothing. `of`: what the answer belongs to besides the parameters; the same draft id stands for one draft after another. */
export function useAsked<M extends MethodName>(method: M, params: Params<M> | null, of: unknown): Asked<M> {
  const studio = useStudio();
  const ready = useSession((s) => s.connection === 'ready');
  const key = JSON.stringify(params);
  const [found, setFound] = useState<{ readonly key: string; readonly of: unknown; readonly value: Result<M> | null } | null>(null);
  useEffect(() => {
    if (!ready || key === 'null') return;
    const abort = new AbortController();
    void ask(studio, method, JSON.parse(key) as Params<M>, abort.signal).then((value) => { if (!abort.signal.aborted) setFound({ key, of, value }); });
    return () => abort.abort();
  }, [studio, ready, method, key, of]);
  return { value: key === 'null' ? null : found?.value, fresh: found?.key === key && found.of === of };
}
