// The errors of one node in the shown run, and how they went from run to run.
import { useShallow } from 'zustand/react/shallow';
import type { RunView } from '../../../core/contract/index.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useLater } from '../../controls/use-later.ts';
import { errorText, METRICS } from '../../controls/number-text.ts';
import { errorOf } from '../../stores/run-index.ts';
import { runName, useSession } from '../../stores/session.ts';
import { useView, type Feed, type Metric } from '../../stores/view.ts';

const FEEDS: readonly Feed[] = ['local', 'cumulative'];

export function NodeErrors({ name, shown }: { readonly name: string; readonly shown: RunView | null }) {
  const runs = useLater(useSession((s) => s.runs));
  const { metric, feed } = useView(useShallow(({ metric, feed }) => ({ metric, feed })));
  if (!shown) return <p className="field-note">Run to measure the error of this node.</p>;
  if (errorOf(shown, 'local', 'mae', name) === undefined && errorOf(shown, 'cumulative', 'mae', name) === undefined) {
    return <p className="field-note">Errors are measured on nodes of the accelerator.</p>;
  }
  return (
    <>
      <table className="error-table">
        <thead><tr><th scope="col">{runName(shown)}</th>{FEEDS.map((f) => <th key={f} scope="col">{f}</th>)}</tr></thead>
        <tbody>
          {(Object.keys(METRICS) as Metric[]).map((m) => (
            <tr key={m}>
              <th scope="row" title={METRICS[m].name}>{METRICS[m].label}</th>
              {FEEDS.map((f) => { const value = errorOf(shown, f, m, name); return <td key={f}>{value === undefined ? '' : errorText(value, m)}</td>; })}
            </tr>
          ))}
        </tbody>
      </table>
      {runs.length > 1 && (
        <p className="over-runs">
          <span>{METRICS[metric].label}, {feed}, over the runs</span>
          <Sparkline label={`${METRICS[metric].label} of this node in ${runs.length} runs`} values={runs.map((run) => errorOf(run, feed, metric, name))} marked={runs.indexOf(shown)} />
        </p>
      )}
    </>
  );
}
