// Tests: `unit` sits beside the code it tests; `e2e` spans rooms, in real browsers and processes, two files at a time.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const standin = fileURLToPath(new URL('./test/electron/standin/electron.ts', import.meta.url));

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          globalSetup: ['test/temporary-folder.ts', 'core/kernels/build.mjs'],
          setupFiles: ['test/seed.ts'],
          maxWorkers: '100%',
          include: ['core/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'electron/**/*.test.ts', 'assets/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // The compiled electron/ is run against the stand-in, so it is not left to Node's own loader.
        resolve: { alias: [{ find: /^electron$/, replacement: standin }] },
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/**/*.e2e.test.ts'],
          globalSetup: ['test/temporary-folder.ts', 'test/chromium.ts'],
          pool: 'forks',
          // A page, an engine and a browser wait for one another most of the time.
          maxWorkers: 2,
          expect: { poll: { timeout: 15_000 } },
          server: { deps: { inline: [/\/dist\/electron\//] } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A browser on a machine shared with others may lose a click; a retry is printed beside the test's name.
          retry: 1,
        },
      },
      // npm run screenshots: pictures of the studio, to be looked at. Not part of npm test.
      { test: { name: 'screenshots', environment: 'node', globalSetup: ['test/temporary-folder.ts', 'test/chromium.ts'], include: ['test/screenshots/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 } },
      // npm run conformance: recorded suites whole. Not part of npm test.
      { test: { name: 'conformance', environment: 'node', globalSetup: ['test/temporary-folder.ts', 'core/kernels/build.mjs'], include: ['test/conformance/*.test.ts'], disableConsoleIntercept: true } },
    ],
  },
});
