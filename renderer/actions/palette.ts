// Open the palette: every action by its name.
import { Command } from 'lucide-react';
import { useView } from '../stores/view.ts';
import type { Action } from './action.ts';

export const paletteAction: Action = {
  id: 'palette', label: 'All commands', keys: ['mod+k', 'mod+shift+p'], icon: Command,
  run: () => useView.setState((s) => ({ palette: !s.palette })),
};
