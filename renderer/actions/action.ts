// Action: something a person can do, described once. Toolbar buttons, shortcuts and the desktop menu all run the same one.
import type { LucideIcon } from 'lucide-react';
import type { Studio } from '../calls/studio.ts';

export interface Action {
  readonly id: string;
  readonly label: string;
  /** Shortcuts such as `mod+o` or `f`; `mod` is Ctrl, or Cmd on a Mac. The first one is shown. */
  readonly keys?: readonly string[];
  readonly icon?: LucideIcon;
  /** Why it cannot be done now, or null when it can. Reads the stores. */
  why?(): string | null;
  /** What it would do just now, where that changes; it follows the label. Reads the stores. */
  detail?(): string | null;
  run(studio: Studio): unknown;
}
