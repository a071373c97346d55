// The graph's place in the page: bar, canvas, or how to begin when there is no model.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { DEFAULT_RECIPE } from '../../core/contract/index.ts';
import { useRecipe } from '../stores/recipe.ts';
import { comparedRun, shownRun, useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { readGround, watchGround } from '../theme/theme.ts';
import { Canvas } from './canvas.tsx';
import { Empty } from './empty.tsx';
import { LegendStrip } from './legend.tsx';
import { GraphBar } from './graph-bar.tsx';
import { OVERLAYS, type Overlay } from './overlays/index.ts';
import { layOutAhead, useScene } from './use-scene.ts';

export function useOverlay(): Overlay | null {
  const model = useSession((s) => s.model);
  const runs = useSession((s) => s.runs);
  const shown = useSession(shownRun);
  const compared = useSession(comparedRun);
  const overlay = useView((s) => s.overlay), metric = useView((s) => s.metric), feed = useView((s) => s.feed);
  const recipe = useRecipe((s) => (OVERLAYS[overlay].readsRecipe ? s.recipe : DEFAULT_RECIPE));
  const ground = useSyncExternalStore(watchGround, readGround);
  return useMemo(
    () => (model ? OVERLAYS[overlay].make({ model, recipe, runs, shown, compared, metric, feed, ground }) : null),
    [model, recipe, runs, shown, compared, overlay, metric, feed, ground],
  );
}

export function GraphPane() {
  const model = useSession((s) => s.model);
  const scene = useScene(model);
  const overlay = useOverlay();
  useEffect(layOutAhead, []);
  if (!model) return <Empty />;
  return (
    <section className="graph" aria-label="Graph">
      <GraphBar />
      <div className="canvas">{scene && overlay ? <Canvas scene={scene} overlay={overlay} /> : <p className="quiet-note">Laying out {model.nodes.length} nodes…</p>}</div>
      {overlay && <LegendStrip overlay={overlay} />}
    </section>
  );
}
