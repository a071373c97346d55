// Change what is shown: the overlay and the theme.
import { SunMoon } from 'lucide-react';
import { setTheme, useSettings } from '../stores/settings.ts';
import { shownTheme, useView, type OverlayMode } from '../stores/view.ts';
import type { Action } from './action.ts';

const overlayAction = (overlay: OverlayMode, label: string, key: string): Action => ({
  id: `overlay-${overlay}`, label, keys: [key], run: () => useView.setState({ overlay }),
});

export const showActions: readonly Action[] = [
  overlayAction('error', 'Colour by error', 'e'),
  overlayAction('precision', 'Colour by precision', 'r'),
  overlayAction('placement', 'Colour by placement', 't'),
  overlayAction('operator', 'Colour by operator', 'o'),
  overlayAction('cost', 'Colour by cost', 'm'),
  {
    id: 'toggle-theme', label: 'Light or dark', icon: SunMoon,
    run: () => setTheme(shownTheme(useSettings.getState().theme, matchMedia('(prefers-color-scheme: dark)').matches) === 'dark' ? 'light' : 'dark'),
  },
];
