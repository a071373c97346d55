// Move through the graph: fit, find, select, step from node to node.
import { Maximize, Search } from 'lucide-react';
import { useMessages, dismissAll } from '../stores/messages.ts';
import { reveal, select, useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { requestFind, requestFit } from '../stores/view.ts';
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

export const navigateActions: readonly Action[] = [
  { id: 'fit', label: 'Fit the graph', keys: ['0'], icon: Maximize, why: needsModel, run: requestFit },
  { id: 'find', label: 'Find a node', keys: ['f', 'mod+f'], icon: Search, why: needsModel, run: requestFind },
  { id: 'next-node', label: 'Next node', keys: ['n', ']'], why: needsModel, run: () => step(1) },
  { id: 'previous-node', label: 'Previous node', keys: ['p', '['], why: needsModel, run: () => step(-1) },
  {
    id: 'select-all', label: 'Select all nodes', keys: ['mod+a'], why: needsModel,
    run: () => select((useSession.getState().model?.nodes ?? []).map((node) => node.name)),
  },
  {
    id: 'clear', label: 'Dismiss messages, then clear the selection', keys: ['escape'],
    run: () => (useMessages.getState().open.length > 0 ? dismissAll() : select([])),
  },
];
