// The main job in the desktop studio, on the real main, preload, engine process and page; Electron itself is the stand-in.
import { mkdtempSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { HAS_SAMPLE, NO_SAMPLE } from './models.ts';
import { sampleLoop } from './sample-loop.ts';
import { launch, type Launch } from './standin/launch.ts';

let app: Launch | undefined;
afterEach(async () => { await app?.quit(); });

test('started on the sample: run, two nodes to int16, run again, the colours change, save', async ({ skip }) => {
  if (!HAS_SAMPLE) return skip(NO_SAMPLE);
  app = await launch({ args: ['--sample'] });
  await sampleLoop(app.page);

  const folder = mkdtempSync(path.join(os.tmpdir(), 'requant-saved-'));
  app.answerDialog.save(path.join(folder, 'shapes.sima'));
  app.clickMenu('save-run');
  await expect.poll(() => readdirSync(folder).sort(), { timeout: 20_000 }).toEqual(['shapes.sima', 'shapes.sima.json']);
});
