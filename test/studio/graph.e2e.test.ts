// The graph in a real browser on real networks: from far away and close up, painted and live, original and partitioned, by mouse and by
// keyboard.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStudio, type ServedStudio } from './serve.ts';

const DENSENET = path.resolve('../shared/data/onnx-topologies/light_densenet121.onnx');
const present = existsSync(DENSENET);
if (!present) console.log('skipped: the graph of densenet121, since ../shared/data/onnx-topologies is not there');

const live = (page: Page): Promise<number> => page.locator('.react-flow__node').count();
const selectedText = (page: Page): Promise<string | null> => page.locator('.status').textContent();

/** Escape clears the selection, and the next node after none is the first. */
async function firstNode(page: Page): Promise<void> {
  await page.locator('.react-flow').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
}

describe.skipIf(!present)('the graph of densenet121', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([DENSENET]);
    page = studio.page;
    await page.getByTestId('node-MLA_0/conv2d_add_relu_0').waitFor();
  });
  afterAll(async () => { await studio?.close(); });

  it('mounts only what is near the view', async () => {
    expect(await live(page)).toBeLessThan(60);
    expect(await page.getByTestId('status-nodes').textContent()).toMatch(/^\d{3} nodes$/);
  });

  it('is painted without live cards from far away, where a click still selects and a hover still names', async () => {
    await page.keyboard.press('0');
    await expect.poll(() => live(page)).toBe(0);
    // The graph is a column in the middle: some height in the middle of the pane holds a node.
    const pane = await page.locator('.react-flow__pane').boundingBox();
    if (!pane) throw new Error('there is no pane');
    await page.waitForTimeout(300);
    let found = false;
    for (let dx = 0; dx < 120 && !found; dx += 3) for (const side of [1, -1]) {
      await page.mouse.move(pane.x + pane.width / 2 + side * dx, pane.y + pane.height / 2);
      if (await page.locator('.hover-tip').count() > 0) { found = true; break; }
    }
    expect(found).toBe(true);
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => selectedText(page)).toMatch(/1 of \d+ nodes selected/);
  });

  it('is coloured by precision, unit, operator and cost, by keyboard, each with its legend', async () => {
    const title = (): Promise<string | null> => page.getByTestId('legend').getByRole('heading').textContent();
    await page.locator('.react-flow').focus();
    for (const [key, legend] of [['r', 'Precision'], ['t', 'Placement'], ['o', 'Operators'], ['m', 'Cost']] as const) {
      await page.keyboard.press(key);
      await expect.poll(title).toContain(legend);
    }
    expect(await page.getByTestId('legend').getByRole('img').getAttribute('aria-label')).toMatch(/^from .*, fewer, over .* to .*, more$/);
    expect(await page.getByTestId('legend').textContent()).toMatch(/\d+ of 246 nodes take 5\d\.\d % of them\.$/);
    await page.keyboard.press('e');
    await expect.poll(title).toContain('Operators');
  });

  it('selects with a frame what is only painted', async () => {
    await page.getByTestId('tool-select').click();
    const pane = await page.locator('.react-flow__pane').boundingBox();
    if (!pane) throw new Error('there is no pane');
    await page.mouse.move(pane.x + 20, pane.y + pane.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(pane.x + pane.width / 2, pane.y + pane.height * 0.45, { steps: 4 });
    await page.mouse.move(pane.x + pane.width - 130, pane.y + pane.height * 0.6, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Number(/(\d+) of/.exec(await selectedText(page) ?? '')?.[1] ?? 0)).toBeGreaterThan(20);
    await page.getByTestId('tool-pan').click();
  });

  it('goes from node to node by the arrow keys, and to producers and readers by u and d', async () => {
    await firstNode(page);
    await page.getByTestId('node-MLA_0/conv2d_add_relu_0').waitFor();
    await page.locator('.react-flow').focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.getByTestId('panel-inspector').locator('h2').first().textContent()).toBe('max_pool2d_1');
    await page.keyboard.press('d');
    await expect.poll(() => page.getByTestId('inspector-several').count()).toBe(1);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('u');
    await expect.poll(() => page.getByTestId('panel-inspector').locator('h2').first().textContent()).not.toBe('max_pool2d_1');
  });

  it('finds nodes by an attribute', async () => {
    await page.getByTestId('find').fill('strides=[2,2] conv2d');
    await expect.poll(() => selectedText(page)).toMatch(/1 of \d+ nodes selected/);
    await page.getByTestId('find').fill('');
  });

  it('shows the original graph with the selection kept', async () => {
    await firstNode(page);
    await page.getByTestId('graph-original').click();
    const source = page.locator('[data-testid^="source-"].selected');
    await source.first().waitFor();
    expect(await source.first().textContent()).toContain('Conv');
    expect(await source.first().textContent()).toContain('→ conv2d_add_relu_0');
    await page.getByTestId('graph-partitioned').click();
    await page.getByTestId('node-MLA_0/conv2d_add_relu_0').waitFor();
    expect(await page.getByTestId('node-MLA_0/conv2d_add_relu_0').getAttribute('class')).toContain('selected');
  });

  it('collapses a partition by its box, and expands it by keyboard', async () => {
    await page.getByTestId('expand-MLA 0').click();
    await page.getByTestId('group-MLA 0').waitFor();
    await page.locator('.react-flow').focus();
    await page.keyboard.press('c');
    await page.getByTestId('node-MLA_0/conv2d_add_relu_0').waitFor();
  });

  it('is fitted again when the window grows, unless it was moved since', async () => {
    const zoom = async (): Promise<number> => Number(/scale\(([^)]+)\)/.exec(await page.locator('.react-flow__viewport').getAttribute('style') ?? '')?.[1]);
    await page.locator('.react-flow').focus();
    await page.keyboard.press('0');
    await page.waitForTimeout(300);
    const fitted = await zoom();
    await page.setViewportSize({ width: 1280, height: 1200 });
    await expect.poll(zoom).toBeGreaterThan(fitted * 1.3);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.waitForTimeout(300);
    const moved = await zoom();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.waitForTimeout(300);
    expect(await zoom()).toBeCloseTo(moved, 6);
  });

  it('gave the browser nothing to complain about', () => { expect(studio.complaints).toEqual([]); });
});
