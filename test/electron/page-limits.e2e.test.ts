// What the page cannot do: the real main and preload under the stand-in, one window for all.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launch, type Launch } from './standin/launch.ts';

let app: Launch;
beforeAll(async () => { app = await launch(); });
afterAll(() => app.quit());

/** Runs in the page's own world, where the studio's code runs. */
const inPage = <T>(body: () => T | Promise<T>): Promise<T> => app.page.evaluate(body);

test('the window is asked for with a sandbox, isolation and no Node', () => {
  const { webPreferences } = app.electron.BrowserWindow.getAllWindows()[0]?.standin.options() ?? {};
  expect(webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false });
  expect(app.callsOf('app.enableSandbox')).toHaveLength(1);
});

test('the page reaches neither require nor ipcRenderer nor process', async () => {
  expect(await inPage(() => ['require', 'ipcRenderer', 'process', 'module', 'standinSend', 'standinReceive'].filter((name) => name in window))).toEqual([]);
});

test('the page sees exactly the bridge, and cannot change it', async () => {
  expect(await inPage(() => Object.keys((window as unknown as { requant: object }).requant).sort()))
    .toEqual(['chooseFiles', 'chooseSaveTarget', 'connect', 'grantDropped', 'onMenu', 'onOpenFile', 'platform', 'showRecents']);
  expect(await inPage(() => Object.isFrozen((window as unknown as { requant: object }).requant))).toBe(true);
});

test('eval, inline scripts, inline handlers, plugins and foreign addresses are blocked by the content security policy', async () => {
  const blocked = await inPage(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
    // From a timer: what the DevTools protocol runs directly may evaluate text.
    setTimeout(() => { try { window.eval('window.evalRan = true'); } catch { /* a violation is reported as well */ } });
    const script = document.createElement('script');
    script.textContent = 'window.inlineRan = true';
    document.body.append(script);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'window.handlerRan = true');
    document.body.append(button);
    button.click();
    const image = document.createElement('img');
    image.src = 'https://example.com/x.png';
    const frame = document.createElement('iframe');
    frame.src = 'https://example.com/';
    document.body.append(frame);
    await fetch('https://example.com/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const element of [script, button, frame]) element.remove();
    return { seen: [...new Set(seen)].sort(), ran: ['evalRan', 'inlineRan', 'handlerRan'].filter((name) => name in window) };
  });
  expect(blocked.ran).toEqual([]);
  expect(blocked.seen).toEqual(['connect-src', 'frame-src', 'img-src', 'script-src', 'script-src-attr', 'script-src-elem']);
  expect(app.callsOf('network')).toEqual([]);
});

test('navigation away is denied, and the studio stays', async () => {
  for (const url of ['https://example.com/', 'https://example.com/?studio', 'file:///etc/passwd']) {
    await app.page.evaluate((to) => { location.href = to; }, url).catch(() => undefined);
    await app.page.waitForTimeout(150);
    expect(app.electron.BrowserWindow.getAllWindows()[0]?.webContents.getURL()).toBe('requant://studio/index.html');
  }
  expect(app.callsOf('navigation-denied').map(([url]) => url)).toContain('https://example.com/');
});

test('no window can be opened', async () => {
  await inPage(() => { window.open('https://example.org/'); });
  await vi.waitFor(() => expect(app.callsOf('window-open')).toEqual([['https://example.org/', 'deny']]), 10_000);
  expect(app.electron.BrowserWindow.getAllWindows()).toHaveLength(1);
});

test.each(['geolocation', 'media', 'notifications', 'midi', 'clipboard-read', 'fileSystem', 'openExternal', 'hid', 'serial', 'usb'])('%s is denied by the request handler and by the check handler', async (permission) => {
  expect(await app.permissionAnswers.request(permission)).toBe(false);
  expect(app.permissionAnswers.check(permission)).toBe(false);
});

test('copying text by a click is allowed', async () => {
  expect(await app.permissionAnswers.request('clipboard-sanitized-write')).toBe(true);
  expect(app.permissionAnswers.check('clipboard-sanitized-write')).toBe(true);
  expect(await inPage(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)).toBe('denied');
});

test.each(['/..%2f..%2fpackage.json', '/..%2f..%2f..%2f..%2fetc%2fpasswd', '/%2e%2e/package.json%00', '/%ff'])('a path out of the studio is refused: %s', async (address) => {
  expect(await app.page.evaluate(async (path) => (await fetch(path)).status, address)).toBe(403);
});

test('what is not there is not found, and only reading is possible', async () => {
  expect(await inPage(async () => (await fetch('/nothing.js')).status)).toBe(404);
  expect(await inPage(async () => (await fetch('/_blob/nothing')).status)).toBe(404);
  expect(await inPage(async () => (await fetch('/index.html', { method: 'POST', body: 'x' })).status)).toBe(405);
});

test('every answer carries the policy and no sniffing', async () => {
  const headers = await inPage(async () => {
    const answer = await fetch('/index.html');
    return { policy: answer.headers.get('content-security-policy'), sniff: answer.headers.get('x-content-type-options') };
  });
  expect(headers.policy).toContain("default-src 'none'");
  expect(headers.policy).not.toContain('unsafe-eval');
  expect(headers.sniff).toBe('nosniff');
});

test('a port refuses a transfer list of buffers, whose message Electron would lose', async () => {
  const message = await inPage(() => {
    const bytes = new ArrayBuffer(8);
    try { new MessageChannel().port1.postMessage(bytes, [bytes]); return 'sent'; } catch (error) { return String(error); }
  });
  expect(message).toContain('34905');
});

test('a File that the page made itself grants nothing', async () => {
  const message = await inPage(async () => {
    const { requant } = window as unknown as { requant: { grantDropped(file: File): Promise<unknown> } };
    return requant.grantDropped(new File(['x'], '/etc/passwd')).then(() => 'granted', (error: unknown) => String(error));
  });
  expect(message).toContain('FILE_NOT_FOUND');
});
