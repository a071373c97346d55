// Everything that answers a pointer, on every panel, is reached by Tab or by the arrow keys of its group, and shows that it has the keyboard.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyboard, setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

let studio: ServedStudio;
let page: Page;
const { key, selected, saysSelected, idle, ground, first } = keyboard(() => page);

// The sample with its data, a run, and a sweep of two configurations: every panel has something to reach.
beforeAll(async () => {
  studio = await serveStudio(['--sample']);
  page = studio.page;
  await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
  await setSamples(page, { calibration: '8', analysis: '2', accuracy: '0' });
  await page.getByTestId('run').click();
  await page.getByTestId('run-item-1').waitFor();
  await page.getByTestId('tab-sweep').click();
  for (const name of ['mse', 'moving_average', 'entropy', 'percentile', 'asymmetric']) await page.getByTestId(`sweep-${name}`).uncheck();
  await ground();
  await key('Control+Shift+Enter');
  await page.locator('[data-testid^="sweep-row-"]').nth(1).waitFor();
  await idle();
});
afterAll(async () => { await studio?.close(); });

/** What answers a pointer, by what React was told of it, and where Tab led: both as paths through the page. */
interface Reached {
  readonly unreached: readonly string[];
  readonly unseen: readonly string[];
}

/** Goes on by Tab from where the keyboard is, until it leaves `part` or has been there before. */
async function tabThrough(part: string): Promise<Reached> {
  const unseen = new Set<string>();
  await page.evaluate(() => { document.querySelectorAll('[data-tabbed]').forEach((element) => element.removeAttribute('data-tabbed')); });
  for (let i = 0; i < 250; i++) {
    await key('Tab');
    const stop = await page.evaluate((within) => {
      const element = document.activeElement as HTMLElement | null;
      if (!element || element === document.body) return 'none';
      if (element.closest(within) === null) return 'again';
      if (element.dataset['tabbed'] !== undefined) return 'again';
      element.dataset['tabbed'] = '';
      const { outlineStyle, outlineWidth } = getComputedStyle(element), after = getComputedStyle(element, '::after');
      // A split is one pixel wide and shows it by what lies over it.
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || (element.matches('.split') && !/, 0\)$|^transparent$/.test(after.backgroundColor)) ? 'shown' : element.outerHTML.slice(0, 160);
    }, part);
    if (stop === 'again') break;
    if (stop !== 'none' && stop !== 'shown') unseen.add(stop);
  }
  const unreached = await page.evaluate((within) => {
    const POINTERS = ['onClick', 'onPointerDown', 'onMouseDown', 'onDoubleClick'];
    // Arrow keys go on inside these once Tab has led into them.
    const GROUPS = '[role=group],[role=radiogroup],[role=tablist],[role=grid],[role=toolbar],.react-flow';
    const answers = (element: Element): boolean => {
      const name = Object.keys(element).find((property) => property.startsWith('__reactProps$'));
      const props = name === undefined ? {} : (element as unknown as Record<string, Record<string, unknown>>)[name] ?? {};
      return POINTERS.some((pointer) => typeof props[pointer] === 'function');
    };
    const shown = (element: Element): boolean => element.getClientRects().length > 0 && element.closest('[aria-hidden=true], [disabled]') === null;
    const reached = (element: Element): boolean => {
      if (element.closest('[data-tabbed]') !== null || element.querySelector('[data-tabbed]') !== null) return true;
      const group = element.closest(GROUPS);
      return group !== null && (group.matches('[data-tabbed]') || (group.matches('[role=radiogroup],[role=tablist],[role=group]') && element.matches('button') && group.querySelector('[data-tabbed]') !== null));
    };
    return [...document.querySelectorAll(`${within} *`)].filter((element) => answers(element) && shown(element) && !reached(element)).map((element) => element.outerHTML.slice(0, 160));
  }, part);
  return { unreached, unseen: [...unseen] };
}

describe('everything that answers a pointer', () => {
  it('on the whole page is reached by Tab and shows that it has the keyboard', async () => {
    await page.getByTestId('tab-layers').focus();
    await page.evaluate(() => { document.querySelectorAll('details').forEach((details) => { details.open = true; }); });
    await first();
    await ground();
    expect(await tabThrough('body')).toEqual({ unreached: [], unseen: [] });
  });
  it.each(['sweep', 'code', 'log'])('in the panel %s is, too', async (tab) => {
    await page.getByTestId(`tab-${tab}`).focus();
    expect(await tabThrough('.tab-body[data-state=active]')).toEqual({ unreached: [], unseen: [] });
  });
});

describe('the layer table by keyboard', () => {
  it('selects several with Shift and the arrow keys, gives them back the same way, and goes to both ends', async () => {
    await page.getByTestId('tab-layers').click();
    await page.getByRole('grid', { name: 'Layers' }).focus();
    await key('Home');
    await saysSelected(/^1 of/);
    const [top] = await selected();
    for (let i = 0; i < 3; i++) await key('Shift+ArrowDown');
    await saysSelected(/^4 of/);
    await key('Shift+ArrowUp');
    await saysSelected(/^3 of/);
    await key('2');
    await expect.poll(() => page.locator('[data-testid^="layer-row-"][aria-selected=true]').filter({ hasText: 'int16' }).count()).toBe(3);
    await key('End');
    await saysSelected(/^1 of/);
    expect(await selected()).not.toContain(top);
  });
});
