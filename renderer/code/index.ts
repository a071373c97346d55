// The table of languages in which the configuration can be taken away.
import { commandLine } from './command-line.ts';
import { modelsdk } from './modelsdk.ts';
import type { CodeSource } from './source.ts';
import { typescript } from './typescript.ts';

export type { CodeSource } from './source.ts';
export const LANGUAGES = ['typescript', 'command', 'modelsdk'] as const;
export type Language = (typeof LANGUAGES)[number];

export const CODE: Readonly<Record<Language, { readonly label: string; readonly write: (source: CodeSource) => string }>> = {
  typescript: { label: 'TypeScript', write: typescript },
  command: { label: 'Command line', write: commandLine },
  modelsdk: { label: 'ModelSDK Python', write: modelsdk },
};
