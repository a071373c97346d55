// Hands the overlay that is on to the cards.
import { createContext } from 'react';
import type { Overlay } from '../overlays/index.ts';

export const OverlayContext = createContext<Overlay | null>(null);
