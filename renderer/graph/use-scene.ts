// The scene of the graph that is shown: derived from the model, laid out in the worker, kept for when it is shown again.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ModelView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { report } from '../stores/messages.ts';
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { derive, deriveOriginal, groupOf, type Drawing } from './derive.ts';
import { computeLayout, prepareLayout } from './layout/compute.ts';
import { createScene, layoutOf, type Scene } from './scene.ts';

/** Scenes of a model by what is shown of it; a few, since each collapsed set makes one. */
const kept = new WeakMap<ModelView, Map<string, Scene>>();
const MOST_KEPT = 12;
const ORIGINAL = 'original';
const keyOf = (original: boolean, collapsed: ReadonlySet<string>): string => (original ? ORIGINAL : [...collapsed].sort().join('\n'));

function keep(model: ModelView, key: string, scene: Scene): void {
  const scenes = kept.get(model) ?? new Map<string, Scene>();
  kept.set(model, scenes);
  scenes.delete(key);
  scenes.set(key, scene);
  for (const oldest of scenes.keys()) { if (scenes.size <= MOST_KEPT) break; scenes.delete(oldest); }
}

/** Where the vertices of a new drawing stood in an old one; a node that comes out of a partition stood where the partition did. */
export function hintsFrom(old: Scene, drawing: Drawing): Float64Array<ArrayBuffer> {
  const byId = new Map(old.drawing.vertices.map(({ id }, i) => [id, i]));
  return Float64Array.from(drawing.vertices, (vertex) => {
    const at = byId.get(vertex.id)
      ?? (vertex.kind === 'node' ? byId.get(`group:${groupOf(vertex.node)}`) : undefined)
      ?? (vertex.kind === 'group' ? old.vertexOf.get(vertex.names[0] ?? '') : undefined);
    const box = at === undefined ? undefined : old.boxes[at];
    return box ? box.x + box.width / 2 : NaN;
  });
}

/** Layouts under way; begun by whoever knows first that they are wanted. */
const begun = new WeakMap<ModelView, { readonly key: string; readonly scene: Promise<Scene | null> }>();

/** Lays out a drawing and keeps its scene. Null where a newer layout was asked for meanwhile. */
function layOut(model: ModelView, key: string, drawing: Drawing, hint?: Float64Array<ArrayBuffer>): Promise<Scene | null> {
  const wanted = layoutOf(drawing, hint);
  const scene = computeLayout(wanted).then((layout) => {
    const made = layout && createScene(drawing, wanted.edges, layout);
    if (made) keep(model, key, made);
    return made;
  });
  begun.set(model, { key, scene });
  scene.catch(() => begun.delete(model));
  return scene;
}

/** Begins to lay out each model as soon as it is there, so that the worker is at it while the page around the graph is drawn. Returns how to stop. */
export function layOutAhead(): () => void {
  prepareLayout();
  return useSession.subscribe(({ model }, before) => {
    // Who shows it reports what goes wrong.
    if (model && model !== before.model) layOut(model, keyOf(false, new Set()), derive(model)).catch(() => undefined);
  });
}

/** The scene, or null until it is laid out. While another one of the same model is laid out, the old one stays. */
export function useScene(model: ModelView | null): Scene | null {
  const original = useSession((s) => s.original);
  const graph = useView((s) => s.graph);
  const collapsed = useView((s) => s.collapsed);
  const source = graph === 'original' ? original : null;
  const key = useMemo(() => keyOf(source !== null, collapsed), [source, collapsed]);
  const [last, setLast] = useState<{ readonly model: ModelView; readonly key: string; readonly scene: Scene } | null>(null);
  const known = model ? kept.get(model)?.get(key) : undefined;
  const before = useRef<{ readonly model: ModelView; readonly scene: Scene } | null>(null);
  useEffect(() => {
    if (!model || kept.get(model)?.has(key)) return;
    let stale = false;
    const fresh = (): Promise<Scene | null> => {
      const drawing = source ? deriveOriginal(source) : derive(model, collapsed);
      return layOut(model, key, drawing, !source && before.current?.model === model ? hintsFrom(before.current.scene, drawing) : undefined);
    };
    const known = begun.get(model);
    (known?.key === key ? known.scene : fresh()).then(
      (scene) => { if (scene && !stale) setLast({ model, key, scene }); },
      (error: unknown) => report(RequantError.from(error)),
    );
    return () => { stale = true; };
  }, [model, key, source, collapsed]);
  const scene = known ?? (model && last?.model === model ? last.scene : null);
  // The next layout starts from the partitioned graph that was shown last; the original graph has other vertices.
  useEffect(() => { if (model && scene && known && key !== ORIGINAL) before.current = { model, scene }; }, [model, scene, known, key]);
  return scene;
}

/** The scene of what is shown now, for who takes it away; null while it is laid out. */
export function shownScene(): Scene | null {
  const { model, original } = useSession.getState(), { graph, collapsed } = useView.getState();
  return (model && kept.get(model)?.get(keyOf(graph === 'original' && original !== null, collapsed))) ?? null;
}
