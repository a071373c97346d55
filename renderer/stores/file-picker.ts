// The file picker's question and its answer: the door asks, the dialog answers.
import { create } from 'zustand';
import type { FileKind, FileRef } from '../../core/contract/index.ts';

export type PickerAnswer = readonly FileRef[] | 'upload' | 'upload-folder' | 'download';
export interface PickerQuestion {
  readonly kind: FileKind;
  /** The name that is proposed where something is to be saved; null where something is to be opened. */
  readonly saveAs: string | null;
  readonly answer: (answer: PickerAnswer) => void;
}

/** `folder` is where the last choice was made. */
export const useFilePicker = create<{ readonly question: PickerQuestion | null; readonly folder: string }>(() => ({ question: null, folder: '' }));

/** Asks a person; no files where they changed their mind. An older question is answered with none. */
export function askPicker(kind: FileKind, saveAs: string | null): Promise<PickerAnswer> {
  useFilePicker.getState().question?.answer([]);
  return new Promise((resolve) => {
    const answer = (given: PickerAnswer): void => { useFilePicker.setState({ question: null }); resolve(given); };
    useFilePicker.setState({ question: { kind, saveAs, answer } });
  });
}
