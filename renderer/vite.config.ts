// Builds the studio into dist/renderer. Paths stay relative, so that a server and Electron's own scheme both fit.
import react from '@vitejs/plugin-react';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { licences } from './build/licences.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), licences(resolve(import.meta.dirname, '..'))],
  worker: { format: 'es' },
  build: { outDir: '../dist/renderer', emptyOutDir: true, target: 'chrome130', assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
});
