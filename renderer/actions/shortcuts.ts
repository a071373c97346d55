// Listens to the keyboard and to the desktop's menu, and runs the action meant.
import type { Studio } from '../calls/studio.ts';
import { ACTIONS, findAction, type Action } from './index.ts';
import { belongsToTyping, matches } from './keys.ts';

export const isMac = (): boolean => /mac/i.test(navigator.userAgent);

function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
      || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type)));
}

/** Runs an action unless it cannot be done now. */
export function perform(action: Action, studio: Studio): void {
  if (action.why?.() ?? null) return;
  void action.run(studio);
}

/** Returns how to stop listening. */
export function installShortcuts(studio: Studio): () => void {
  const mac = isMac();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || (isTextField(event.target) && belongsToTyping(event))) return;
    const action = ACTIONS.find(({ keys }) => keys?.some((shortcut) => matches(event, shortcut, mac)));
    if (!action) return;
    // The browser's own meaning of the key (save page, find, select all) would only be in the way.
    event.preventDefault();
    perform(action, studio);
  };
  window.addEventListener('keydown', onKeyDown);
  const stopMenu = studio.door.onMenu((id) => {
    const action = findAction(id);
    if (action) perform(action, studio);
  });
  return () => {
    window.removeEventListener('keydown', onKeyDown);
    stopMenu();
  };
}
