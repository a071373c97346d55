// Hands the studio (door and engine) to components.
import { createContext, useContext } from 'react';
import type { Studio } from '../calls/studio.ts';

const StudioContext = createContext<Studio | null>(null);
export const StudioProvider = StudioContext.Provider;

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error('This component needs a StudioProvider above it');
  return studio;
}
