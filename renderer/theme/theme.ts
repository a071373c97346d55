// The theme on the screen: follows the system until a person chooses. `data-theme` on the root element selects the tokens.
import { useSettings } from '../stores/settings.ts';
import { shownTheme } from '../stores/view.ts';

const DARK = '(prefers-color-scheme: dark)';

export const readGround = (): 'light' | 'dark' => shownTheme(useSettings.getState().theme, matchMedia(DARK).matches);

/** Calls `listener` when the theme on the screen may have changed. Returns how to stop. */
export function watchGround(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', listener);
  const stop = useSettings.subscribe(listener);
  return () => {
    query.removeEventListener('change', listener);
    stop();
  };
}

/** Keeps the root element in step from now on. */
export function installTheme(): void {
  const apply = (): void => { document.documentElement.dataset['theme'] = readGround(); };
  apply();
  watchGround(apply);
}
