// Picks the door: the desktop's where a preload script opened it, else the browser's.
import { browserDoor } from './browser.ts';
import { desktopDoor, type DesktopBridge } from './desktop.ts';
import type { Door } from './door.ts';

declare global {
  interface Window {
    readonly requant?: DesktopBridge;
  }
}

export type { Door, SaveTarget } from './door.ts';
export const openDoor = (): Door => (window.requant ? desktopDoor(window.requant) : browserDoor());
