// Door: what the studio needs from the place it runs in. Nothing else knows whether that is Electron or a browser.
import { ENDINGS, type FileKind, type FileRef, type Link, type RecentView } from '../../core/contract/index.ts';
import type { SentFile } from './model-files.ts';

/** Where a saved file goes: a place chosen in a dialog, the browser's downloads, or nowhere (the dialog was closed). */
export type SaveTarget = FileRef | 'download' | null;

export interface Door {
  readonly name: 'browser' | 'desktop';
  /** A new link to the engine. Rejects when there is none to be had. */
  connect(): Promise<Link>;
  /** Asks for files. Empty when the person changed their mind. Files that have to be sent to the engine are sent within `sending`. */
  chooseFiles(kind: FileKind, sending: (send: () => Promise<readonly FileRef[]>) => Promise<readonly FileRef[]>): Promise<readonly FileRef[]>;
  /** What was dropped on the page; what lies in dropped folders too, where they can be looked into. To be called while the event is handled. */
  dropped(transfer: DataTransfer): Promise<readonly SentFile[]>;
  /** Of a model, `files` holds it and those with its weights, and it alone comes back. */
  acceptDropped(files: readonly SentFile[], meaning: 'model' | 'data'): Promise<readonly FileRef[]>;
  saveTarget(name: string): Promise<SaveTarget>;
  /** The same for a project, which is saved again and again. */
  projectTarget(name: string): Promise<SaveTarget>;
  /** Hands a blob of the engine to the person as a file. */
  download(blob: string, name: string): Promise<void>;
  /** Hands what the page itself made to the person as a file. */
  saveFile(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void>;
  /** Clicks in the desktop's menu, as action ids. Returns how to stop listening. */
  onMenu(listener: (action: string) => void): () => void;
  /** Files opened from outside: by argument, association, or a second start. */
  onOpenFile(listener: (file: FileRef) => void): () => void;
  /** The files opened last have changed; a desktop shows them in its menu. */
  showRecents(files: readonly RecentView[]): void;
}

/** What a file input should offer. */
export const acceptOf = (kind: FileKind): string => ENDINGS[kind].join(',');

/** Both doors save the page's own bytes as a download; the desktop asks where to. */
export function saveBytes(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  downloadUrl(url, name);
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return Promise.resolve();
}

/** Saves `url` under `name` by way of the browser's downloads. */
export function downloadUrl(url: string, name: string): void {
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
}
