// Export the layer table as CSV: every node, with the errors of the shown run and the difference to the compared one.
import { Download } from 'lucide-react';
import { layersCsv } from '../panels/layers/csv.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const exportLayersAction: Action = {
  id: 'export-layers', label: 'Export the layer table as CSV', icon: Download,
  why: () => (useSession.getState().model ? null : 'Open a model first'),
  run: (studio) => studio.door.saveFile(`${useSession.getState().model?.name ?? 'model'}_layers.csv`, new TextEncoder().encode(layersCsv()), 'text/csv'),
};
