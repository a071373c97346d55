// One Chromium for all tests of a file: starting it takes a second, a context of its own gives a test everything that a new one would.
import type { Browser } from 'playwright-core';
import { afterAll } from 'vitest';
import { launchChromium } from './chromium.ts';

/** By arguments. Held by the process, since tests of the desktop load their modules anew with every launch of the application. */
const KEPT = Symbol.for('requant.test.chromium');
const process_ = globalThis as { [KEPT]?: Map<string, Promise<Browser>> };
const kept = (): Map<string, Promise<Browser>> => (process_[KEPT] ??= new Map());

/** The browser with these arguments; a new one where there is none yet or where it has died. */
export async function keptChromium(...args: string[]): Promise<Browser> {
  const key = args.join(' '), old = await kept().get(key)?.catch(() => undefined);
  if (old?.isConnected()) return old;
  const started = launchChromium(...args);
  kept().set(key, started);
  return started;
}

/** To be called where a test file is read: closes the browsers after its last test. */
export function closeChromiumAfterAll(): void {
  afterAll(async () => {
    for (const started of kept().values()) await (await started.catch(() => undefined))?.close();
    kept().clear();
  });
}
