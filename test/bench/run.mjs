// How long a click takes to become colours, and whether the page stays free while the engine computes.
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Clicks a button that asks for a file, and uploads one. */
export const choose = async (page, button, file) => {
  await page.getByTestId(button).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('picker-upload').click()]);
  await chooser.setFiles(file);
};

/** A network opened with its data and run once with a few samples. */
async function afterFirstRun(context, url, model, data) {
  const page = await context.newPage();
  await page.goto(url);
  await choose(page, 'empty-open-model', model);
  await page.locator('[data-testid^="node-"]').first().waitFor();
  await choose(page, 'load-calibration', data);
  await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
  for (const [field, value] of [['calibration', '4'], ['analysis', '2'], ['accuracy', '0']]) { await page.getByTestId(`samples-${field}`).fill(value); await page.keyboard.press('Tab'); }
  await page.getByTestId('run').click();
  await page.getByTestId('run-item-1').waitFor({ timeout: 300_000 });
  await page.getByTestId('feed-local').click();
  return page;
}

/** Convolutions among the first that the layer table lists. */
async function someNodes(page, count) {
  await page.getByTestId('layer-filter').fill('conv2d');
  const ids = await page.locator('[data-testid^="layer-row-"]').evaluateAll((list) => list.map((row) => row.dataset.testid));
  const names = ids.map((id) => id.slice('layer-row-'.length)).filter((name) => name.includes('conv2d'));
  if (names.length < count) throw new Error(`the network has ${names.length} convolutions for ${count} clicks`);
  return Array.from({ length: count }, (_, i) => names[Math.floor((i * names.length) / count)]);
}

/** Milliseconds from the click on another precision to the card's new colour, for a node whose precision has not been changed before. */
async function oneClick(page, name) {
  await page.getByTestId('layer-filter').fill(name);
  await page.getByTestId(`layer-row-${name}`).click();
  await page.getByTestId(`node-${name}`).getByTestId('card-set-int16').waitFor();
  const time = (button) => page.evaluate(([id, node]) => new Promise((done, fail) => {
    const card = document.querySelector(`[data-testid="node-${node}"]`), before = card.dataset.errorColour;
    const began = performance.now();
    const late = setTimeout(() => fail(new Error(`the colour of ${node} did not change`)), 60_000);
    const watch = new MutationObserver(() => {
      if (card.dataset.errorColour === before) return;
      watch.disconnect();
      clearTimeout(late);
      requestAnimationFrame(() => done(performance.now() - began));
    });
    watch.observe(card, { attributes: true });
    card.querySelector(`[data-testid="${id}"]`).click();
  }), [button, name]);
  const ms = await time('card-set-int16');
  await time('card-set-int8');
  return ms;
}

export async function clickToColours(context, url, data, { repeat, runs, median }) {
  console.log('\n| click on a precision to new colours | ms | limit |\n|---|---|---|');
  const networks = [
    { name: 'resnet8', model: path.join(data, 'mlperf-tiny-ic/resnet8_float.tflite'), samples: path.join(data, 'mlperf-tiny-ic/cifar10_calibration.npz'), limit: 100 },
    { name: 'ResNet-50', model: path.join(data, 'onnx-topologies/light_resnet50.onnx'), limit: 300 },
  ];
  for (const { name, model, samples = noise(), limit } of networks) {
    if (!existsSync(model)) { console.log(`| ${name} | skipped: its model is not there | ${limit} |`); continue; }
    const page = await afterFirstRun(context, url, model, samples);
    const nodes = await someNodes(page, runs);
    const times = await repeat((i) => oneClick(page, nodes[i]));
    console.log(`| ${name} | ${median(times).toFixed(0)} | ${limit} |`);
    await page.close();
  }
}

/** A .npy of four random images for a network whose own data is not at hand. */
function noise() {
  const shape = '(4, 224, 224, 3)', head = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
  const bytes = Buffer.alloc(4 * 224 * 224 * 3);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) bytes[i] = (state = (state * 48271) % 2147483647) & 255;
  return { name: 'noise.npy', mimeType: 'application/octet-stream', buffer: Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]), Buffer.from(head), bytes]) };
}

/** The longest task of the page while a run computes: with nothing selected, and with a node in the inspector, its pictures drawn and the list of jobs open. */
export async function longTasks(context, url, data, { repeat, median }) {
  const model = path.join(data, 'mlperf-tiny-ic/resnet8_float.tflite');
  console.log('\n| longest task of the page while the engine computes | ms | limit |\n|---|---|---|');
  if (!existsSync(model)) { console.log('| resnet8 | skipped: it is not there | 100 |'); return; }
  for (const [title, panels] of [['nothing selected', false], ['inspector with histograms and feature maps, layer table, job list', true]]) {
    const longest = await repeat(async () => {
      const page = await afterFirstRun(context, url, model, path.join(data, 'mlperf-tiny-ic/cifar10_calibration.npz'));
      const ms = await longestTask(page, panels);
      await page.close();
      return ms;
    });
    // The worst counts: a single frozen frame is one too many.
    const told = (ms) => (ms === 0 ? 'under 50' : ms.toFixed(0));
    console.log(`| ${title} | ${told(median(longest))}, at most ${told(Math.max(...longest))} | 100 |`);
  }
}

async function longestTask(page, panels) {
  if (panels) {
    await page.getByRole('gridcell', { name: 'conv2d', exact: true }).first().click();
    await page.getByTestId('feature-map').waitFor();
  }
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration); }).observe({ type: 'longtask' });
  });
  await page.getByTestId('samples-calibration').fill('100');
  await page.getByTestId('samples-analysis').fill('16');
  await page.getByTestId('samples-analysis').press('Tab');
  await page.getByTestId('preset-int16').click();
  await page.getByTestId('run').click();
  if (panels) {
    // A second run waits in the list until the first is done.
    await page.getByTestId('run').click();
    await page.getByTestId('jobs').click();
  }
  await page.getByTestId(`run-item-${panels ? 3 : 2}`).waitFor({ timeout: 300_000 });
  return page.evaluate(() => window.longest);
}
