// Moves the view for two seconds as a hand does, by mouse or by wheel, one event a frame, and counts the frames.

/** `pan`: drags along the graph close up. `zoom`: from close up to far out and back. `whole`: the whole graph, in and out a little. */
export async function frames(page, movement) {
  await page.keyboard.press('Escape');
  await page.locator('.react-flow').focus();
  if (movement === 'whole') await page.keyboard.press('0');
  else await page.getByRole('row').nth(3).click();
  await page.waitForTimeout(500);
  return page.evaluate(async (kind) => {
    const pane = document.querySelector('.react-flow__pane');
    const box = pane.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true, cancelable: true, view: window };
    const wheel = (deltaY) => pane.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY }));
    const mouse = (type, more) => (type === 'mousedown' ? pane : window).dispatchEvent(new MouseEvent(type, { ...at, ...more }));
    const steps = {
      pan: (i) => {
        const y = i % 30;
        if (y === 0) { mouse('mouseup'); mouse('mousedown'); }
        mouse('mousemove', { clientY: at.clientY - y * 12 });
      },
      zoom: (i) => wheel(Math.floor(i / 30) % 2 === 0 ? 60 : -60),
      whole: (i) => wheel(Math.floor(i / 10) % 2 === 0 ? 15 : -15),
    };
    const frame = () => new Promise((done) => { requestAnimationFrame(done); });
    const times = [];
    let last = await frame();
    for (let i = 0; i < 120; i++) {
      steps[kind](i);
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    mouse('mouseup');
    times.sort((a, b) => a - b);
    return { fps: 1000 / times[times.length >> 1], longest: times.at(-1) };
  }, movement);
}
