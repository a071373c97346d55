// Project: the file that the work on the screen belongs to, what was saved of it, and questions about it that a person has to answer.
import { create } from 'zustand';
import type { FileRef, ProjectFound, SittingView } from '../../core/contract/index.ts';

/** Where a project was opened from: a file, or a session that was kept over a crash. */
export type ProjectSource = { readonly kind: 'file'; readonly file: FileRef } | { readonly kind: 'sitting'; readonly sitting: SittingView };

export interface ProjectState {
  /** Where "Save" writes to; null: it has to ask. */
  readonly file: FileRef | null;
  readonly name: string | null;
  /** What was on the screen when it was opened or saved, as one text. */
  readonly saved: string;
  readonly dirty: boolean;
  /** A project whose model is missing or has changed: nothing is opened until a person decides. */
  readonly asking: { readonly source: ProjectSource; readonly found: ProjectFound } | null;
  /** A session that ended without being saved, offered to be restored. */
  readonly offer: SittingView | null;
}

export const NO_PROJECT: ProjectState = { file: null, name: null, saved: '', dirty: false, asking: null, offer: null };
export const useProject = create<ProjectState>(() => NO_PROJECT);
