// What is taken away from the studio, on the built-in sample: the graph as SVG and the report of a run, by way of the palette, read by a browser as any file.
import { readFile } from 'node:fs/promises';
import type { Download, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

describe('taken away from the sample', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio(['--sample']);
    page = studio.page;
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await page.getByTestId('painted').waitFor();
    await setSamples(page, { calibration: '8', analysis: '2', accuracy: '20' });
  });
  afterAll(async () => { await studio?.close(); });

  const openPalette = async (text: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-input').fill(text);
  };
  const take = async (action: string, text: string): Promise<Download> => {
    await openPalette(text);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`palette-${action}`).click()]);
    return download;
  };
  /** What a browser that knows nothing of the studio makes of a file: its page and whatever that complains about. */
  const read = async (download: Download): Promise<{ readonly text: string; readonly other: Page; readonly complaints: readonly string[] }> => {
    const browser = page.context().browser();
    if (!browser) throw new Error('The page has no browser');
    const other = await browser.newPage({ viewport: { width: 1280, height: 800 } }), complaints: string[] = [];
    other.on('console', (message) => complaints.push(message.text()));
    other.on('request', (request) => { if (!request.url().startsWith('file:')) complaints.push(request.url()); });
    const file = `${await download.path()}-${download.suggestedFilename()}`;
    await download.saveAs(file);
    await other.goto(`file://${file}`);
    return { text: await readFile(file, 'utf8'), other, complaints };
  };

  it('a report needs a run, and says so', async () => {
    await openPalette('report');
    expect(await page.getByTestId('palette-export-report').textContent()).toContain('Run first');
    await page.keyboard.press('Escape');
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-1').waitFor();
    await page.getByTestId('run-note-1').fill('first & <last>');
  });

  it.each(['light', 'dark'] as const)('the graph as SVG has every node, and the paper\'s colours from the %s theme', async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    const download = await take('export-graph', 'as svg');
    expect(download.suggestedFilename()).toMatch(/_graph\.svg$/);
    const { text, other, complaints } = await read(download);
    const nodes = Number(/(\d+) nodes/.exec(await page.getByTestId('status-nodes').textContent() ?? '')?.[1]);
    expect(nodes).toBeGreaterThan(5);
    expect(await other.evaluate(() => document.documentElement.namespaceURI)).toBe('http://www.w3.org/2000/svg');
    expect(await other.locator('g > title').count()).toBeGreaterThanOrEqual(nodes);
    expect(await other.locator('text').filter({ hasText: 'dB' }).count()).toBeGreaterThan(5);
    expect(text).toContain('fill="#f6f7f9"');
    expect(text).not.toContain('var(');
    // Nothing written on it reaches over its edge.
    expect(await other.evaluate(() => [...document.querySelectorAll('text')].filter((t) => { const b = t.getBoundingClientRect(), f = document.documentElement.getBoundingClientRect(); return b.left < f.left || b.right > f.right || b.bottom > f.bottom; }).map((t) => t.textContent))).toEqual([]);
    expect(complaints).toEqual([]);
    await other.close();
  });

  it('the graph as PNG is the same picture, twice as large', async () => {
    const svg = await readFile(await (await take('export-graph', 'as svg')).path(), 'utf8');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-graph-png').click()]);
    expect(download.suggestedFilename()).toMatch(/_graph\.png$/);
    const { width, height, format } = await sharp(await download.path()).metadata();
    const size = [/width="(\d+)"/, /height="(\d+)"/].map((pattern) => 2 * Number(pattern.exec(svg)?.[1]));
    expect([format, width, height]).toEqual(['png', ...size]);
    // Cards, edges and errors are drawn, not only the ground.
    expect((await sharp(await download.path()).stats()).entropy).toBeGreaterThan(0.3);
  });

  it('the report has the figures of the run, the graph and the table, and asks for nothing', async () => {
    const download = await take('export-report', 'report');
    expect(download.suggestedFilename()).toMatch(/_run_1_report\.html$/);
    const { other, complaints } = await read(download);
    expect(await other.locator('h2').allTextContents()).toEqual(expect.arrayContaining(['Model', 'Configuration', 'Figures', 'Graph', 'Layers']));
    expect(await other.locator('.note').textContent()).toBe('first & <last>');
    const top1 = await page.getByTestId('run-accuracy-1').textContent();
    expect(await other.locator('.facts').filter({ hasText: 'top-1' }).textContent()).toContain(`quantized ${top1}`);
    expect(await other.locator('svg').count()).toBe(1);
    expect(await other.locator('.layers tbody tr').count()).toBeGreaterThan(5);
    expect((await other.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    expect(complaints).toEqual([]);
    await other.close();
    expect(studio.complaints).toEqual([]);
  });
});
