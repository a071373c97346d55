// Shortcuts: which key press means which shortcut, and how a shortcut is written for people.

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Does the press match a shortcut such as `mod+shift+z`? `mod` is Cmd on a Mac and Ctrl elsewhere. */
export function matches(press: KeyPress, shortcut: string, mac: boolean): boolean {
  const parts = shortcut.split('+');
  const wants = (name: string): boolean => parts.includes(name);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const otherMod = mac ? press.ctrlKey : press.metaKey;
  return press.key.toLowerCase() === parts.at(-1) && mod === wants('mod') && !otherMod && !press.altKey
    // A sign such as ? already says whether Shift was held.
    && (press.shiftKey === wants('shift') || /^[^\w\s]$/.test(press.key));
}

/** A press that a text field needs for itself: anything but a shortcut with a modifier, and that modifier's editing keys. */
export function belongsToTyping(press: KeyPress): boolean {
  const mod = press.ctrlKey || press.metaKey;
  return !mod || ['a', 'c', 'v', 'x', 'z', 'y'].includes(press.key.toLowerCase());
}

const NAMES: Readonly<Record<string, readonly [mac: string, other: string]>> = {
  mod: ['⌘', 'Ctrl'], shift: ['⇧', 'Shift'], enter: ['↩', 'Enter'], escape: ['esc', 'Esc'],
};

export function shortcutText(shortcut: string, mac: boolean): string {
  const parts = shortcut.split('+').map((part) => NAMES[part]?.[mac ? 0 : 1] ?? part.toUpperCase());
  return parts.join(mac ? '' : '+');
}
