// The operator overlay: each node in the colour of its family of operators.
import type { NodeView } from '../../../core/contract/index.ts';
import { FAMILIES, familyOf, type Family } from '../family.ts';
import type { Overlay } from './overlay.ts';

export function operatorOverlay(nodes: readonly NodeView[], note = ''): Overlay {
  const families = new Map(nodes.map((node) => [node.name, familyOf(node.op)]));
  const count = (family: Family): number => [...families.values()].filter((f) => f === family).length;
  return {
    colourOf: (name) => {
      const family = families.get(name);
      return family && { colour: `var(--family-${family})`, ink: `var(--family-${family}-ink)`, text: FAMILIES[family] };
    },
    legend: {
      kind: 'categories', title: 'Operators', note,
      items: (Object.keys(FAMILIES) as Family[]).map((family) => ({ label: FAMILIES[family], colour: `var(--family-${family})`, count: count(family) })).filter((item) => item.count > 0),
    },
  };
}
