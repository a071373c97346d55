// The part of WebAssembly that the kernels need, typed: the compiler's own types of it come with the browser's, which core/ does not have. And the modules.
import { readFileSync } from 'node:fs';
import { RequantError } from '../errors/index.ts';

/** Beside this file once built; the tests run the sources. */
const BUILT = import.meta.url.endsWith('.ts') ? '../../dist/core/kernels/' : './';

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Raises RangeError beyond the maximum. */
  grow(pages: number): number;
}
export interface OwnMemory {
  readonly buffer: ArrayBuffer;
}
export type Module = object;

interface Api {
  readonly Memory: {
    /** Raises RangeError where there is no room. */
    new (limits: { readonly initial: number; readonly maximum: number; readonly shared: true }): SharedMemory;
    new (limits: { readonly initial: number; readonly maximum: number }): OwnMemory;
  };
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module, imports: { readonly env: { readonly memory: SharedMemory | OwnMemory } }) => { readonly exports: unknown };
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;

/** Raises INTERNAL when it was not built. */
export function compile(name: 'kernels.wasm' | 'observe.wasm'): Module {
  const file = new URL(BUILT + name, import.meta.url);
  try { return new webAssembly.Module(readFileSync(file)); }
  catch (cause) {
    throw new RequantError('INTERNAL', 'the kernels are missing from this build', { file: file.pathname }, { hint: 'Build again: npm run build:code.', cause });
  }
}
