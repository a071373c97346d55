import { expect, test } from 'vitest';
import { launch } from './standin/launch.ts';
test('connects', async () => {
  const t = performance.now();
  const app = await launch({ args: ['--sample'] });
  await app.page.getByText('connected').waitFor({ timeout: 5000 });
  console.log(await app.page.title(), performance.now() - t);
  expect(app.utilityProcesses().length).toBe(1);
  await app.page.reload();
  await app.page.getByText('connected').waitFor({ timeout: 5000 });
  await app.quit();
  expect(app.utilityProcesses().length).toBe(0);
});
