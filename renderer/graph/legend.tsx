// The legend: what the colours on the graph mean.
import { Panel } from '@xyflow/react';
import { FAMILIES, type Family } from './family.ts';
import type { Legend, Overlay } from './overlays/index.ts';

const FAMILY_LEGEND: Legend = {
  kind: 'categories', title: 'Operators', note: '',
  items: (Object.keys(FAMILIES) as Family[]).map((family) => ({ label: FAMILIES[family], colour: `var(--family-${family})`, count: -1 })),
};

function Body({ legend }: { readonly legend: Legend }) {
  switch (legend.kind) {
    case 'text': return null;
    case 'scale': return (
      <div className="legend-scale">
        <div className="legend-bar" style={{ background: legend.gradient }} role="img" aria-label={`from ${legend.good}, good, to ${legend.bad}, bad`} />
        <div className="legend-ticks"><span data-testid="legend-good">{legend.good}</span><span>{legend.middle}</span><span data-testid="legend-bad">{legend.bad}</span></div>
        <div className="legend-ends"><span>better</span><span>worse</span></div>
      </div>
    );
    case 'categories': return (
      <ul className="legend-items">
        {legend.items.map((item) => (
          <li key={item.label}>
            <span className="swatch" style={{ background: item.colour }} aria-hidden />
            <span>{item.label}</span>
            {item.count >= 0 && <span className="legend-count">{item.count}</span>}
          </li>
        ))}
      </ul>
    );
  }
}

export function LegendBox({ overlay }: { readonly overlay: Overlay | null }) {
  const legend = overlay?.legend ?? FAMILY_LEGEND;
  return (
    <Panel position="bottom-left" className="legend" data-testid="legend" aria-label="Legend">
      <h3>{legend.title}</h3>
      <Body legend={legend} />
      {legend.note && <p>{legend.note}</p>}
    </Panel>
  );
}
