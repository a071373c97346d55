// Switches between the graph that is quantized and the graph of the source file; the selection stays.
import { Panel } from '@xyflow/react';
import { memo } from 'react';
import { showOriginal } from '../calls/original.ts';
import { Segmented } from '../controls/segmented.tsx';
import { useStudio } from '../controls/studio-context.ts';
import { useView, type GraphKind } from '../stores/view.ts';

const GRAPH_OPTIONS: readonly { readonly value: GraphKind; readonly label: string; readonly testId: string }[] = [
  { value: 'partitioned', label: 'Partitioned', testId: 'graph-partitioned' },
  { value: 'original', label: 'Original', testId: 'graph-original' },
];

export const GraphSwitch = memo(function GraphSwitch() {
  const studio = useStudio();
  const graph = useView((s) => s.graph);
  return (
    <Panel position="top-right" className="graph-switch">
      <Segmented
        label="Graph" value={graph} options={GRAPH_OPTIONS}
        onChange={(value) => { if (value === 'original') void showOriginal(studio); else useView.setState({ graph: value }); }}
      />
    </Panel>
  );
});
