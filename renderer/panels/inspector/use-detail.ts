// The details of one node, fetched when it is looked at. A change of mind cancels the call.
import { useEffect, useState } from 'react';
import type { NodeDetail } from '../../../core/contract/index.ts';
import { inspectNode } from '../../calls/inspect-node.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { shownRun, useSession } from '../../stores/session.ts';

/** undefined: on its way; null: there are none. */
export function useDetail(node: string): NodeDetail | null | undefined {
  const studio = useStudio();
  const ready = useSession((s) => s.connection === 'ready');
  const run = useSession((s) => { const shown = shownRun(s); return shown && !s.forgotten.has(shown.id) ? shown.id : undefined; });
  const data = useSession((s) => s.data);
  const [found, setFound] = useState<{ readonly key: string; readonly detail: NodeDetail | null } | null>(null);
  const key = `${node} ${run ?? ''}`;
  useEffect(() => {
    if (!ready) return;
    const abort = new AbortController();
    void inspectNode(studio, node, run, abort.signal).then((detail) => { if (!abort.signal.aborted) setFound({ key: `${node} ${run ?? ''}`, detail }); });
    return () => abort.abort();
  }, [studio, ready, node, run, data]);
  return found?.key === key ? found.detail : undefined;
}
