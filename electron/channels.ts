// What preload and main say to each other: names and types only, since a sandboxed preload can import nothing at run time.
import type { FileKind, FileRef, RecentView } from '../core/contract/index.ts';

/** An answer that keeps its message: an error thrown across `invoke` would be wrapped in Electron's own words. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Asked by the page's preload, answered by main. */
export interface Invocations {
  'requant:choose-files': { args: [kind: FileKind]; value: FileRef[] };
  'requant:grant-dropped': { args: [path: string]; value: FileRef };
  'requant:choose-save-target': { args: [name: string]; value: FileRef | null };
}
/** Sent by preload to main. The id tells one load of the page from the next. */
export interface Sent {
  'requant:connect': [documentId: string];
  /** What the menu's "Open Recent" shows. */
  'requant:recents': [files: readonly RecentView[]];
}
/** Sent by main to preload. `requant:port` carries the engine's MessagePort. */
export interface Received {
  'requant:menu': [actionId: string];
  'requant:open-file': [file: FileRef];
  'requant:port': [];
}

/** The page's whole view of the desktop: `window.requant`. No path ever crosses it. */
export interface DesktopBridge {
  readonly platform: string;
  /** Asks for a port; it arrives as a window message `requant:port` from the page's own window. */
  connect(): void;
  chooseFiles(kind: FileKind): Promise<FileRef[]>;
  grantDropped(file: File): Promise<FileRef>;
  chooseSaveTarget(name: string): Promise<FileRef | null>;
  /** Returns a function that stops listening. */
  onMenu(listener: (actionId: string) => void): () => void;
  onOpenFile(listener: (file: FileRef) => void): () => void;
  showRecents(files: readonly RecentView[]): void;
}
