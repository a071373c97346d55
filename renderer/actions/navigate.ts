// Move through the graph: fit, find, select, step from node to node.
import { FoldVertical, Maximize, Search } from 'lucide-react';
import { selectedNodes } from './set-precision.ts';
import { useMessages, dismissAll } from '../stores/messages.ts';
import { reveal, select, useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { groupOf, groupsOf } from '../graph/derive.ts';
import { readersOf, valuesOf } from '../stores/recipe-edit.ts';
import { requestFind, requestFit, setCollapsed, useView } from '../stores/view.ts';
import type { Action } from './action.ts';

const needsModel = (): string | null => (useSession.getState().model ? null : 'Open a model first');

function step(by: 1 | -1): void {
  const nodes = useSession.getState().model?.nodes ?? [];
  const at = nodes.findIndex((node) => node.name === useSelection.getState().names.at(-1));
  const next = nodes[at < 0 ? (by > 0 ? 0 : nodes.length - 1) : at + by];
  if (!next) return;
  select([next.name]);
  reveal(next.name);
}

const allNodes = () => useSession.getState().model?.nodes ?? [];
const needsSelection = (): string | null => needsModel() ?? (useSelection.getState().names.length > 0 ? null : 'Select a node first');

/** Nodes that the selected ones read from, or that read from them. */
function related(side: 'producers' | 'readers') {
  const nodes = allNodes(), selected = selectedNodes();
  if (side === 'readers') return [...new Set(selected.flatMap((node) => valuesOf(node).flatMap((value) => readersOf(nodes, value))))];
  const read = new Set(selected.flatMap((node) => node.inputs));
  return nodes.filter((node) => valuesOf(node).some((value) => read.has(value)));
}

const relatedAction = (side: 'producers' | 'readers', label: string, key: string): Action => ({
  id: side, label, keys: [key],
  why: () => needsSelection() ?? (related(side).length > 0 ? null : side === 'producers' ? 'It reads the model\'s inputs only' : 'No node reads it'),
  run: () => {
    const found = related(side);
    select(found.map((node) => node.name));
    if (found[0]) reveal(found[0].name);
  },
});

/** Collapses the partitions of the selected nodes, or expands them where all of them are collapsed. */
function toggleGroups(groups: readonly string[]): void {
  const { collapsed } = useView.getState();
  setCollapsed(groups, !groups.every((group) => collapsed.has(group)));
}

export const navigateActions: readonly Action[] = [
  { id: 'fit', label: 'Fit the graph', keys: ['0'], icon: Maximize, why: needsModel, run: requestFit },
  { id: 'find', label: 'Find a node', keys: ['f', 'mod+f'], icon: Search, why: needsModel, run: requestFind },
  { id: 'next-node', label: 'Next node', keys: ['n', ']'], why: needsModel, run: () => step(1) },
  { id: 'previous-node', label: 'Previous node', keys: ['p', '['], why: needsModel, run: () => step(-1) },
  {
    id: 'collapse', label: 'Collapse or expand the partition of the selection', keys: ['c'], why: needsSelection,
    run: () => toggleGroups([...new Set(selectedNodes().map(groupOf))]),
  },
  { id: 'collapse-all', label: 'Collapse or expand all partitions', keys: ['shift+c'], icon: FoldVertical, why: needsModel, run: () => toggleGroups([...groupsOf(allNodes()).keys()]) },
  relatedAction('producers', 'Select what it reads from', 'u'),
  relatedAction('readers', 'Select what reads it', 'd'),
  {
    id: 'select-all', label: 'Select all nodes', keys: ['mod+a'], why: needsModel,
    run: () => select((useSession.getState().model?.nodes ?? []).map((node) => node.name)),
  },
  {
    id: 'clear', label: 'Dismiss messages, then clear the selection', keys: ['escape'],
    run: () => (useMessages.getState().open.length > 0 ? dismissAll() : select([])),
  },
];
