// The bar above the canvas: what the colours show, and the graph to take away.
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ActionButton } from '../controls/action-button.tsx';
import { METRICS } from '../controls/number-text.ts';
import { Segmented } from '../controls/segmented.tsx';
import { useView, type Feed, type Metric, type OverlayMode } from '../stores/view.ts';
import { OVERLAYS } from './overlays/index.ts';

const OVERLAY_OPTIONS = (Object.keys(OVERLAYS) as OverlayMode[]).map((value) => ({ value, label: OVERLAYS[value].label, testId: `overlay-${value}` }));
const FEED_OPTIONS: readonly { readonly value: Feed; readonly label: string; readonly testId: string }[] = [
  { value: 'local', label: 'Local', testId: 'feed-local' },
  { value: 'cumulative', label: 'Cumulative', testId: 'feed-cumulative' },
];

export const GraphBar = memo(function GraphBar() {
  const { overlay, metric, feed } = useView(useShallow(({ overlay, metric, feed }) => ({ overlay, metric, feed })));
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
      <ActionButton action="export-graph" text={null} look="quiet" />
      <ActionButton action="export-graph-png" text={null} look="quiet" />
    </div>
  );
});
