// Starts the real `requant serve` for a test and opens the studio in a real browser.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { closeChromiumAfterAll, keptChromium } from '../kept-chromium.ts';
import { keepDialogs } from './hands.ts';

closeChromiumAfterAll();

export interface ServedStudio {
  readonly page: Page;
  /** What the page complained about: console errors and uncaught exceptions. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
  /** The server dies without a word, and the page is closed. */
  crash(): Promise<void>;
}

const START_MS = 30_000;

function address(server: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`requant serve did not start: ${text}`)), START_MS);
    const listen = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /http:\/\/\S+/.exec(text);
      if (found) { clearTimeout(late); resolve(found[0]); }
    };
    server.stdout?.on('data', listen);
    server.stderr?.on('data', listen);
    server.on('exit', (code) => { clearTimeout(late); reject(new Error(`requant serve ended with code ${code}: ${text}`)); });
  });
}

export interface ServeOptions {
  readonly size?: { readonly width: number; readonly height: number };
  /** The user's data folder; a fresh one where a test does not care. */
  readonly home?: string;
}

/** A data folder of its own for each server, so that nothing of one test is offered to the next. */
export const freshHome = (): string => mkdtempSync(path.join(tmpdir(), 'requant-home-'));

export async function serveStudio(args: readonly string[], { size = { width: 1280, height: 800 }, home = freshHome() }: ServeOptions = {}): Promise<ServedStudio> {
  const server = spawn(process.execPath, ['dist/core/cli/main.js', 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, REQUANT_HOME: home } });
  let context: BrowserContext | undefined;
  const close = async (): Promise<void> => {
    await context?.close();
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    }
  };
  try {
    // Both take a while to start, and neither waits for the other.
    const [url, browser] = await Promise.all([address(server), keptChromium()]);
    context = await browser.newContext({ viewport: size, colorScheme: 'light' });
    const page = await context.newPage();
    keepDialogs(page);
    const complaints: string[] = [];
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    return { page, complaints, close, crash: async () => { const ended = once(server, 'exit'); server.kill('SIGKILL'); await ended; await context?.close(); } };
  } catch (error) {
    await close();
    throw error;
  }
}
