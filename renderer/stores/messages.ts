// Messages and log: what went wrong and what happened, in the order in which it did.
import { create } from 'zustand';
import type { ErrorPlace, RequantError } from '../../core/errors/index.ts';

export type Level = 'info' | 'notice' | 'error';
export interface LogEntry {
  readonly id: number;
  readonly at: Date;
  readonly level: Level;
  readonly text: string;
}
/** An error as the person sees it: what, where, what to do. Stays until dismissed. */
export interface Message {
  readonly id: number;
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly hint: string;
}
export interface Messages {
  readonly open: readonly Message[];
  readonly log: readonly LogEntry[];
}

const LOG_LIMIT = 2000;
const OPEN_LIMIT = 4;

export const useMessages = create<Messages>(() => ({ open: [], log: [] }));

let last = 0;

export function log(text: string, level: Level = 'info'): void {
  const entry: LogEntry = { id: ++last, at: new Date(), level, text };
  useMessages.setState((s) => ({ log: [...s.log.slice(-(LOG_LIMIT - 1)), entry] }));
}

/** The last part of a path: a person knows their file by its name, and where an upload lies is nobody's business. */
const fileName = (path: string): string => path.split(/[\\/]/).at(-1) || path;

export function placeText({ file, node, tensor, sample }: ErrorPlace): string {
  return [file && fileName(file), node && `node ${node}`, tensor && `tensor ${tensor}`, sample === undefined ? undefined : `sample ${sample}`].filter(Boolean).join(', ');
}

/** Shows an error and logs it. The same error shown twice replaces its first message. */
export function report(error: RequantError): void {
  const where = placeText(error.where);
  log(`${where ? `${where}: ` : ''}${error.message} (${error.code}). ${error.hint}`, 'error');
  const message: Message = { id: ++last, code: error.code, what: error.message, where, hint: error.hint };
  useMessages.setState((s) => ({
    open: [...s.open.filter((m) => m.what !== message.what || m.where !== message.where), message].slice(-OPEN_LIMIT),
  }));
}

export function dismiss(id: number): void {
  useMessages.setState((s) => ({ open: s.open.filter((m) => m.id !== id) }));
}

export function dismissAll(): void {
  useMessages.setState({ open: [] });
}
