// Find: which nodes a search text means. Words are matched anywhere in name, operator, class, source names or attributes (`strides=[2,2]`);
// all must match.
import type { NodeView } from '../../core/contract/index.ts';

const grounds = new WeakMap<NodeView, string>();

/** What is searched of a node; joined once, since every letter typed asks for all of them. */
function groundOf(node: NodeView): string {
  const known = grounds.get(node);
  if (known !== undefined) return known;
  const ground = [
    node.name, node.op, node.className, node.unit, ...node.sources.map((source) => source.name), ...node.attributes.map(({ name, value }) => `${name}=${value}`),
  ].join(' ').toLowerCase();
  grounds.set(node, ground);
  return ground;
}

export function findNodes(nodes: readonly NodeView[], text: string): readonly NodeView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return nodes.filter((node) => { const ground = groundOf(node); return words.every((word) => ground.includes(word)); });
}
