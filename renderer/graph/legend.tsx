// The legend: what the colours on the graph mean. A strip under the canvas, so that it never covers a node.
import { BETTER_WORSE, type Legend, type Overlay } from './overlays/index.ts';

function Body({ legend }: { readonly legend: Legend }) {
  switch (legend.kind) {
    case 'text': return null;
    case 'scale': {
      const [first, last] = legend.ends ?? BETTER_WORSE;
      return (
        <div className="legend-scale" role="img" aria-label={`from ${legend.good}, ${first}, over ${legend.middle} to ${legend.bad}, ${last}`}>
          <span className="legend-end">{first}</span>
          <span data-testid="legend-good">{legend.good}</span>
          <span className="legend-bar" style={{ background: legend.gradient }} title={`Middle: ${legend.middle}`} />
          <span data-testid="legend-bad">{legend.bad}</span>
          <span className="legend-end">{last}</span>
        </div>
      );
    }
    case 'categories': return (
      <ul className="legend-items">
        {legend.items.map((item) => (
          <li key={item.label}>
            <span className="swatch" style={{ background: item.colour }} aria-hidden />
            <span>{item.label}</span>
            <span className="legend-count">{item.count}</span>
          </li>
        ))}
      </ul>
    );
  }
}

export function LegendStrip({ overlay: { legend } }: { readonly overlay: Overlay }) {
  return (
    <div className="legend" data-testid="legend" role="group" aria-label="Legend">
      <h3>{legend.title}</h3>
      <Body legend={legend} />
      {legend.note && <p>{legend.note}</p>}
    </div>
  );
}
