// The cost overlay: each node in the colour of its multiply-accumulates, on a scale of decades. Nodes without any stay neutral.
import type { NodeView } from '../../../core/contract/index.ts';
import { countText, percentText } from '../../controls/number-text.ts';
import type { Overlay } from './overlay.ts';
import { decadesOf, inDecades, middleDecade } from './decades.ts';
import { inkOn, scaleColour, scaleGradient, type Ground } from './scale.ts';

export function costOverlay(nodes: readonly NodeView[], ground: Ground): Overlay {
  const title = 'Cost, multiply-accumulates of a sample';
  const macs = new Map(nodes.filter((node) => node.macs > 0).map((node) => [node.name, node.macs]));
  const all = [...macs.values()].sort((a, b) => b - a), most = all[0], least = all.at(-1);
  if (most === undefined || least === undefined) return { colourOf: () => undefined, legend: { kind: 'text', title, note: 'No node of this network multiplies.' } };
  const domain = decadesOf(least, most);
  const sum = all.reduce((a, b) => a + b, 0);
  // As many of the dearest nodes as take half of the sum.
  let half = 0, taken = 0;
  for (; taken < sum / 2; half++) taken += all[half] ?? sum;
  return {
    colourOf: (name) => {
      const cost = macs.get(name);
      if (cost === undefined) return undefined;
      const t = inDecades(cost, domain);
      return { colour: scaleColour(t, ground), ink: inkOn(t, ground), text: `${countText(cost)} MACs`, weight: t };
    },
    legend: {
      kind: 'scale', title, gradient: scaleGradient(ground), ends: ['fewer', 'more'],
      good: countText(domain.low), bad: countText(domain.high), middle: countText(Math.round(middleDecade(domain))),
      note: `${countText(sum)} in all; ${half === 1 ? 'one node takes' : `${half} of ${nodes.length} nodes take`} ${percentText((100 * taken) / sum)} of them.`,
    },
  };
}
