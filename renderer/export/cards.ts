// What is written on each card of an exported graph: the same words as on the live ones.
import type { NodeView, Recipe } from '../../core/contract/index.ts';
import { countText } from '../controls/number-text.ts';
import { groupOf, shapeText, type Vertex } from '../graph/derive.ts';
import { shortName } from '../graph/family.ts';
import { colourOfVertex } from '../graph/looks.ts';
import type { Overlay } from '../graph/overlays/index.ts';
import { chosenPrecision, type ChosenPrecision } from '../stores/recipe-edit.ts';

export interface CardText {
  /** Inputs and outputs of the graph are pills, all else is a card. */
  readonly pill: boolean;
  /** The whole name, as a tip. */
  readonly tip: string;
  readonly name: string;
  /** Top right: the partition. */
  readonly chip: string;
  readonly unit: NodeView['unit'] | null;
  readonly kind: string;
  readonly shape: string;
  readonly precision: ChosenPrecision | null;
  /** Where no precision stands: what became of it, or what the value is of. */
  readonly low: string;
  /** Bottom right, on the overlay's colour. */
  readonly value: string;
}

const nodesText = (count: number): string => (count === 1 ? '1 node' : `${count} nodes`);

/** `values`: whether the overlay's values are written on the cards, as they are for errors. */
export function cardText(vertex: Vertex, overlay: Overlay, recipe: Recipe, values: boolean): CardText {
  const value = values ? colourOfVertex(vertex, overlay)?.text ?? '' : '';
  const base = { pill: false, shape: shapeText(vertex.shape), value, chip: '', unit: null, precision: null, low: '', kind: '' };
  switch (vertex.kind) {
    case 'input':
    case 'output': return { ...base, pill: true, tip: `${vertex.kind} ${vertex.title}`, name: vertex.title, value: '' };
    case 'node': {
      const { node } = vertex;
      return { ...base, tip: node.name, name: shortName(node.name), chip: groupOf(node), unit: node.unit, kind: node.className, precision: chosenPrecision(node, recipe) };
    }
    case 'group': {
      const macs = countText(vertex.nodes.reduce((sum, node) => sum + node.macs, 0));
      return { ...base, tip: `Partition ${vertex.group}`, name: `Partition ${vertex.group}`, unit: vertex.unit, kind: `${nodesText(vertex.nodes.length)}, ${macs} MACs`, low: value === '' ? '' : 'worst node' };
    }
    case 'source': {
      const becomes = vertex.names.length === 0 ? 'folded away' : vertex.names.map(shortName).join(', ');
      return { ...base, tip: `${vertex.source.name}, becomes ${becomes}`, name: vertex.source.type, kind: vertex.source.name, low: `→ ${becomes}` };
    }
  }
}
