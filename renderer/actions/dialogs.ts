// Open the settings, and what there is to know about this program.
import { Info, Keyboard, Settings } from 'lucide-react';
import { useView } from '../stores/view.ts';
import type { Action } from './action.ts';

export const dialogActions: readonly Action[] = [
  { id: 'settings', label: 'Settings', keys: ['mod+,'], icon: Settings, run: () => useView.setState({ dialog: 'settings' }) },
  { id: 'shortcuts', label: 'Keyboard shortcuts', keys: ['?'], icon: Keyboard, run: () => useView.setState({ dialog: 'shortcuts' }) },
  { id: 'about', label: 'About Requant', icon: Info, run: () => useView.setState({ dialog: 'about' }) },
];
