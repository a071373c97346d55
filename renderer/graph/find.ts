// Find: which nodes a search text means. Words are matched anywhere in name, operator, class or source names; all must match.
import type { NodeView } from '../../core/contract/index.ts';

export function findNodes(nodes: readonly NodeView[], text: string): readonly NodeView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return nodes.filter((node) => {
    const ground = [node.name, node.op, node.className, node.unit, ...node.sources.map((source) => source.name)].join(' ').toLowerCase();
    return words.every((word) => ground.includes(word));
  });
}
