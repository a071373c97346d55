// The table of panels: where each stands and what it is called.
import type { ComponentType } from 'react';
import { CodePanel } from './code/code-panel.tsx';
import { ConfigurationPanel } from './configuration/configuration-panel.tsx';
import { DataPanel } from './data/data-panel.tsx';
import { InspectorPanel } from './inspector/inspector-panel.tsx';
import { LayersPanel } from './layers/layers-panel.tsx';
import { LogPanel } from './log/log-panel.tsx';
import { ModelPanel } from './model/model-panel.tsx';
import { RunsPanel } from './runs/runs-panel.tsx';
import { SweepPanel } from './sweep/sweep-panel.tsx';

export interface PanelEntry {
  readonly id: string;
  readonly title: string;
  readonly place: 'left' | 'right' | 'bottom';
  readonly component: ComponentType;
}

export const PANELS: readonly PanelEntry[] = [
  { id: 'model', title: 'Model', place: 'left', component: ModelPanel },
  { id: 'data', title: 'Data', place: 'left', component: DataPanel },
  { id: 'configuration', title: 'Configuration', place: 'left', component: ConfigurationPanel },
  { id: 'runs', title: 'Runs', place: 'left', component: RunsPanel },
  { id: 'inspector', title: 'Inspector', place: 'right', component: InspectorPanel },
  { id: 'layers', title: 'Layers', place: 'bottom', component: LayersPanel },
  { id: 'sweep', title: 'Sweep', place: 'bottom', component: SweepPanel },
  { id: 'code', title: 'Code', place: 'bottom', component: CodePanel },
  { id: 'log', title: 'Log', place: 'bottom', component: LogPanel },
];

export const panelsAt = (place: PanelEntry['place']): readonly PanelEntry[] => PANELS.filter((panel) => panel.place === place);
