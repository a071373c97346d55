// session and protocol: a Chromium context whose requests are answered by the handlers that main registers, and whose
// permissions are what main's handlers say. A custom scheme travels as https://HOST.SCHEME.standin/.
import type { CustomScheme } from 'electron';
import type { BrowserContext, Route } from 'playwright-core';
import { keptChromium } from '../../kept-chromium.ts';
import { endings, lifecycle } from './app.ts';
import { makeEvent, note } from './events.ts';

type Handler = (request: Request) => Response | Promise<Response>;
type RequestHandler = (contents: unknown, permission: string, answer: (granted: boolean) => void, details: object) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean;

const schemes = new Set<string>();
const handlers = new Map<string, Handler>();
const permissions: { request: RequestHandler | null; check: CheckHandler | null } = { request: null, check: null };

const toHttp = (url: string): string => {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url);
  return parts?.[1] && handlers.has(parts[1]) ? `https://${parts[2]}.${parts[1]}.standin${parts[3] || '/'}` : url;
};
const fromHttp = (url: string): string => {
  const parts = /^https:\/\/([^/?#]*)\.([a-z0-9+-]+)\.standin(.*)$/i.exec(url);
  return parts ? `${parts[2]}://${parts[1]}${parts[3]}` : url;
};
export const address = { toHttp, fromHttp };

/** What the session needs of a window; windows register themselves. */
export interface Tenant {
  readonly owns: (page: unknown) => boolean;
  readonly emit: (event: string, ...args: unknown[]) => boolean;
  /** The address that main itself is loading: no guard is asked about it. */
  readonly loading: () => string;
  readonly openWindow: (url: string) => 'allow' | 'deny';
}
export const tenants = new Set<Tenant>();

let context: Promise<BrowserContext> | undefined;
endings.after.push(async () => { await (await context)?.close(); });

/** As Chromium asks: a check first, then, where the page asks, a request. No handler means yes, as in Electron. */
async function isGranted(permission: string): Promise<boolean> {
  const check = permissions.check?.(null, permission, 'requant://studio', {}) ?? true;
  const { request } = permissions;
  const requested = request === null || (await new Promise<boolean>((resolve) => request(null, permission, resolve, {})));
  return check && requested;
}
/** Electron's name of a permission, and Chromium's. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  'clipboard-read': 'clipboard-read', 'clipboard-sanitized-write': 'clipboard-write', notifications: 'notifications', geolocation: 'geolocation', midi: 'midi',
};

export function chromiumContext(): Promise<BrowserContext> {
  return (context ??= (async () => {
    // Electron has the close event of MessagePort on (its guide to MessagePorts, "Extension: close event"); Chromium alone does not.
    const browser = await keptChromium('--enable-blink-features=MessagePortCloseEvent');
    const made = await browser.newContext();
    await made.route('**/*', (route) => answer(route));
    const granted: string[] = [];
    for (const [name, chromiums] of Object.entries(PERMISSIONS)) if (await isGranted(name)) granted.push(chromiums);
    await made.grantPermissions(granted);
    return made;
  })());
}

async function answer(route: Route): Promise<void> {
  const request = route.request();
  const url = fromHttp(request.url());
  const frame = (() => { try { return request.frame(); } catch { return null; } })();
  const tenant = frame && [...tenants].find((one) => one.owns(frame.page()));
  if (!tenant) return refuseWindow(route, url);
  if (request.isNavigationRequest() && frame === frame.page().mainFrame() && tenant.loading() !== request.url()) {
    const event = makeEvent({ url, isMainFrame: true });
    tenant.emit('will-navigate', event, url);
    if (event.defaultPrevented) { note('navigation-denied', url); return route.abort('aborted'); }
  }
  const handler = handlers.get(url.slice(0, url.indexOf(':')));
  if (!handler) { note('network', url); return route.abort('internetdisconnected'); }
  const body = request.postDataBuffer();
  const response = await handler(new Request(url, { method: request.method(), headers: request.headers(), ...(body ? { body: new Uint8Array(body) } : {}) }));
  await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) });
}

/** A page that no window owns yet was opened by a page: nothing is loaded before main's window-open handler has decided. */
async function refuseWindow(route: Route, url: string): Promise<void> {
  const [opener] = tenants;
  const decision = opener?.openWindow(url) ?? 'allow';
  note('window-open', url, decision);
  if (decision === 'allow') throw new Error('The stand-in has no second windows');
  await route.abort('blockedbyclient').catch(() => undefined);
}

export const protocol = {
  registerSchemesAsPrivileged: (list: CustomScheme[]): void => {
    if (lifecycle.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges } of list) if (privileges?.standard && privileges.secure) schemes.add(scheme);
  },
  handle: (scheme: string, handler: Handler): void => {
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    if (!schemes.has(scheme)) throw new Error(`The scheme ${scheme} is not standard and secure, so a page on it has no origin`);
    handlers.set(scheme, handler);
  },
};
const defaultSession = {
  protocol,
  setPermissionRequestHandler: (handler: RequestHandler | null): void => { permissions.request = handler; },
  setPermissionCheckHandler: (handler: CheckHandler | null): void => { permissions.check = handler; },
  setDevicePermissionHandler: (handler: ((details: object) => boolean) | null): void => { note('session.setDevicePermissionHandler', handler); },
};
export const session = { defaultSession };

/** Each handler's own answer, for tests: a page can be stopped by either, so one being open must not hide behind the other. */
export const permissionAnswers = {
  check: (permission: string): boolean => permissions.check?.(null, permission, 'requant://studio', {}) ?? true,
  request: (permission: string): Promise<boolean> => new Promise((resolve) => {
    if (permissions.request) permissions.request(null, permission, resolve, {});
    else resolve(true);
  }),
};
