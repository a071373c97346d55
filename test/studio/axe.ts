// axe-core on the page as it stands, or on one part of it: what it calls serious or critical.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation { readonly id: string; readonly impact: string | null; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }

export async function violations(page: Page, part?: string): Promise<readonly string[]> {
  // By way of the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(`${axe}; 0`);
  const found: readonly Violation[] = await page.evaluate(`axe.run(${part === undefined ? 'document' : JSON.stringify(part)}, { resultTypes: ["violations"] }).then((r) => r.violations)`);
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`));
}
