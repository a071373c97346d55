// The placement overlay: which unit each node runs on.
import type { NodeView } from '../../../core/contract/index.ts';
import type { Overlay } from './overlay.ts';

export const UNITS: Readonly<Record<NodeView['unit'], string>> = {
  MLA: 'MLA, integer accelerator',
  APU: 'APU, application processor (float)',
  CVU: 'CVU, image pre- and post-processing',
};
const ORDER: readonly NodeView['unit'][] = ['MLA', 'APU', 'CVU'];

export function placementOverlay(nodes: readonly NodeView[]): Overlay {
  const units = new Map(nodes.map((node) => [node.name, node.unit]));
  const partitions = new Set(nodes.filter((node) => node.unit === 'MLA').map((node) => node.partition)).size;
  return {
    colourOf: (name) => {
      const unit = units.get(name);
      return unit && { colour: `var(--unit-${unit.toLowerCase()})`, ink: `var(--unit-${unit.toLowerCase()}-ink)`, text: unit };
    },
    legend: {
      kind: 'categories', title: 'Placement',
      items: ORDER.map((unit) => ({ label: UNITS[unit], colour: `var(--unit-${unit.toLowerCase()})`, count: nodes.filter((node) => node.unit === unit).length }))
        .filter((item) => item.count > 0),
      note: `${partitions === 1 ? '1 partition' : `${partitions} partitions`} on the accelerator.`,
    },
  };
}
