// Export the graph as SVG or PNG: as it is laid out and coloured now, on a light ground, with the legend.
import { FileImage, Image } from 'lucide-react';
import { RequantError } from '../../core/errors/index.ts';
import { graphSize, graphSvg } from '../export/graph-svg.ts';
import { pictureNow, whyNoPicture } from '../export/now.ts';
import { pngOf, READABLE_SCALE } from '../export/png.ts';
import { log, report } from '../stores/messages.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

const fileName = (ending: string): string => `${useSession.getState().model?.name ?? 'model'}_graph.${ending}`;

export const exportGraphActions: readonly Action[] = [
  {
    id: 'export-graph', label: 'Export the graph as SVG', icon: Image, why: whyNoPicture,
    run: (studio) => {
      const picture = pictureNow();
      if (!picture) return;
      const text = `<?xml version="1.0" encoding="UTF-8"?>\n${graphSvg(picture).toString()}\n`;
      return studio.door.saveFile(fileName('svg'), new TextEncoder().encode(text), 'image/svg+xml');
    },
  },
  {
    id: 'export-graph-png', label: 'Export the graph as PNG', icon: FileImage, why: whyNoPicture,
    run: async (studio) => {
      const picture = pictureNow();
      if (!picture) return;
      try {
        const { bytes, scale } = await pngOf(graphSvg(picture).toString(), graphSize(picture));
        if (scale < READABLE_SCALE) log(`The graph is too large for a sharp PNG: it was drawn at ${(scale * 100).toPrecision(2)} % of its size. SVG has no such limit`, 'notice');
        await studio.door.saveFile(fileName('png'), bytes, 'image/png');
      } catch (error) { report(RequantError.from(error)); }
    },
  },
];
