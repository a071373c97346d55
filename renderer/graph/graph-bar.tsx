// The bar above the canvas: what the colours show, and the find field.
import { useEffect, useRef, useState } from 'react';
import { METRICS } from '../controls/number-text.ts';
import { Segmented } from '../controls/segmented.tsx';
import { reveal, select } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useView, type Feed, type Metric, type OverlayMode } from '../stores/view.ts';
import { findNodes } from './find.ts';
import { OVERLAYS } from './overlays/index.ts';

const OVERLAY_OPTIONS = (Object.keys(OVERLAYS) as OverlayMode[]).map((value) => ({ value, label: OVERLAYS[value].label, testId: `overlay-${value}` }));
const FEED_OPTIONS: readonly { readonly value: Feed; readonly label: string; readonly testId: string }[] = [
  { value: 'local', label: 'Local', testId: 'feed-local' },
  { value: 'cumulative', label: 'Cumulative', testId: 'feed-cumulative' },
];

function FindField() {
  const nodes = useSession((s) => s.model?.nodes);
  const tick = useView((s) => s.findTick);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => { if (tick > 0) { input.current?.focus(); input.current?.select(); } }, [tick]);
  const found = findNodes(nodes ?? [], text);

  const go = (to: number): void => {
    const hit = found[((to % found.length) + found.length) % found.length];
    if (!hit) return;
    setAt(to);
    reveal(hit.name);
  };
  return (
    <div className="find" role="search">
      <input
        ref={input} className="input" type="search" placeholder="Find nodes" aria-label="Find nodes" data-testid="find" value={text}
        onChange={(event) => {
          const hits = findNodes(nodes ?? [], event.target.value);
          setText(event.target.value);
          setAt(0);
          select(hits.map((node) => node.name));
          if (hits[0]) reveal(hits[0].name);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(at + (event.shiftKey ? -1 : 1));
          if (event.key === 'Escape') { setText(''); event.currentTarget.blur(); }
        }}
      />
      {text.trim() !== '' && <span className="find-count" aria-live="polite">{found.length === 0 ? 'none' : `${(((at % found.length) + found.length) % found.length) + 1} of ${found.length}`}</span>}
    </div>
  );
}

export function GraphBar() {
  const { overlay, metric, feed } = useView();
  return (
    <div className="graph-bar">
      <span className="bar-label">Colour by</span>
      <Segmented label="Colour by" value={overlay} options={OVERLAY_OPTIONS} onChange={(value) => useView.setState({ overlay: value })} />
      {overlay === 'error' && (
        <>
          <select
            className="input metric" aria-label="Error metric" data-testid="metric" value={metric}
            onChange={(event) => useView.setState({ metric: event.target.value as Metric })}
          >
            {(Object.keys(METRICS) as Metric[]).map((value) => <option key={value} value={value}>{METRICS[value].label}</option>)}
          </select>
          <Segmented label="Errors" value={feed} options={FEED_OPTIONS} onChange={(value) => useView.setState({ feed: value })} />
        </>
      )}
      <span className="spacer" />
      <FindField />
    </div>
  );
}
