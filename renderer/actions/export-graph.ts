// Export the graph as SVG: as it is laid out and coloured now, on a light ground, with the legend.
import { Image } from 'lucide-react';
import { pictureNow, whyNoPicture } from '../export/now.ts';
import { graphSvg } from '../export/graph-svg.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const exportGraphAction: Action = {
  id: 'export-graph', label: 'Export the graph as SVG', icon: Image,
  why: whyNoPicture,
  run: (studio) => {
    const picture = pictureNow();
    if (!picture) return;
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n${graphSvg(picture).toString()}\n`;
    return studio.door.saveFile(`${useSession.getState().model?.name ?? 'model'}_graph.svg`, new TextEncoder().encode(text), 'image/svg+xml');
  },
};
