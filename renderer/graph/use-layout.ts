// The drawing of a model with its layout, computed in the worker. Null until it is there.
import { useEffect, useState } from 'react';
import type { ModelView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { report } from '../stores/messages.ts';
import { CARD, derive, PILL, type Drawing } from './derive.ts';
import { computeLayout } from './layout/compute.ts';
import type { Layout } from './layout/result.ts';

export interface Laid {
  readonly model: ModelView;
  readonly drawing: Drawing;
  readonly layout: Layout;
}

export function useLayout(model: ModelView | null): Laid | null {
  const [laid, setLaid] = useState<Laid | null>(null);
  useEffect(() => {
    if (!model) return;
    let stale = false;
    const drawing = derive(model);
    const index = new Map(drawing.vertices.map((vertex, i) => [vertex.id, i]));
    const boxes = drawing.vertices.map((vertex) => (vertex.kind === 'node' ? CARD : PILL));
    const edges = drawing.links.map((link) => [index.get(link.source) ?? 0, index.get(link.target) ?? 0] as const);
    computeLayout({ boxes, edges }).then(
      (layout) => { if (layout && !stale) setLaid({ model, drawing, layout }); },
      (error: unknown) => report(RequantError.from(error)),
    );
    return () => { stale = true; };
  }, [model]);
  return laid?.model === model ? laid : null;
}
