// What main and the engine's process say to each other beside the contract: handing over a port, grants and blobs.
import type { FileRef } from '../core/contract/index.ts';
import type { PlainError } from '../core/errors/index.ts';

/** Begins the argument that tells the engine's process what to open first; JSON of a {@link Start} follows. */
export const START_ARGUMENT = '--start=';
/** Begins the argument that names the user's data folder. */
export const HOME_ARGUMENT = '--home=';
export type Start = { readonly kind: 'sample' } | { readonly kind: 'path'; readonly path: string } | null;

/**
 * `connect` carries the port on which the engine serves the contract. `file` is the FileRef's id: main makes it, so that it
 * means the same file in the engine that follows a lost one.
 */
export type ToEngine =
  | { readonly kind: 'connect' }
  | { readonly kind: 'grant'; readonly id: number; readonly file: string; readonly path: string; readonly name: string }
  | { readonly kind: 'blob'; readonly id: number; readonly blob: string };

/** `opened`: a file that the engine itself lets the page name (of a project, or opened recently). */
export type FromEngine =
  | { readonly kind: 'opened'; readonly file: string; readonly path: string; readonly name: string }
  | { readonly kind: 'granted'; readonly id: number; readonly file: FileRef }
  | { readonly kind: 'bytes'; readonly id: number; readonly bytes: Uint8Array | null }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError };
