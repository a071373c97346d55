// What the page may not do: navigate, open windows, use devices, load foreign code, or speak to main from a foreign frame.
import type { IpcMainEvent, IpcMainInvokeEvent, Session, WebContents } from 'electron';

export const STUDIO_ORIGIN = 'requant://studio';

/** The only permission: copying text by a click. Reading the clipboard, devices, location and the rest stay closed. */
const isAllowed = (permission: string): boolean => permission === 'clipboard-sanitized-write';

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(isAllowed(permission)));
  session.setPermissionCheckHandler((_contents, permission) => isAllowed(permission));
  session.setDevicePermissionHandler(() => false);
}

/** The page stays on the studio, opens no window and embeds no other contents. */
export function guardNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => { if (!isStudio(event.url)) event.preventDefault(); });
  contents.on('will-frame-navigate', (event) => { if (!isStudio(event.url)) event.preventDefault(); });
  contents.on('will-redirect', (event) => { if (!isStudio(event.url)) event.preventDefault(); });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

const isStudio = (url: string): boolean => url.startsWith(`${STUDIO_ORIGIN}/`);

/** Whether a message comes from the studio's own top frame. */
export function isTrusted(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isStudio(frame.url);
}
