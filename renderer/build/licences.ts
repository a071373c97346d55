// Writes licences.json beside the page: every library that the build took in or that the engine brings, with its licence. For the About dialog.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

interface Manifest { readonly name?: string; readonly version?: string; readonly license?: string; readonly dependencies?: Readonly<Record<string, string>> }

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

/** The folder of a package as seen from another one, the way Node looks for it. */
function folderOf(name: string, from: string): string | null {
  for (let at = from; ; at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (path.dirname(at) === at) return null;
  }
}

/** Folders of what `from` depends on, and what that depends on. */
function withDependencies(from: string, found: Set<string>): void {
  for (const name of Object.keys(manifestOf(from).dependencies ?? {})) {
    const folder = folderOf(name, from);
    if (folder === null || found.has(folder)) continue;
    found.add(folder);
    withDependencies(folder, found);
  }
}

const packageFolder = (module: string): string | null => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.split(path.sep).join('/'))?.[1] ?? null;
const licenceText = (folder: string): string => {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  return file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim();
};

export function licences(root: string): Plugin {
  return {
    name: 'requant-licences',
    apply: 'build',
    generateBundle() {
      const folders = new Set<string>();
      withDependencies(root, folders);
      for (const module of this.getModuleIds()) {
        const folder = packageFolder(module);
        if (folder !== null && existsSync(path.join(folder, 'package.json'))) folders.add(folder);
      }
      const libraries = [...folders].map((folder) => {
        const { name = path.basename(folder), version = '', license = 'see its text' } = manifestOf(folder);
        return { name, version, licence: license, text: licenceText(folder) };
      });
      libraries.sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
      this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify(libraries) });
    },
  };
}
