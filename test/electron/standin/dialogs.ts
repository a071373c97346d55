// dialog, nativeTheme and screen: what a person or a desktop would answer, given by tests beforehand.
import type { OpenDialogReturnValue, SaveDialogReturnValue } from 'electron';
import { note } from './events.ts';

const opens: OpenDialogReturnValue[] = [];
const saves: SaveDialogReturnValue[] = [];

export const dialog = {
  showOpenDialog: async (_window: unknown, options: object): Promise<OpenDialogReturnValue> => {
    note('dialog.showOpenDialog', options);
    return opens.shift() ?? { canceled: true, filePaths: [] };
  },
  showSaveDialog: async (_window: unknown, options: object): Promise<SaveDialogReturnValue> => {
    note('dialog.showSaveDialog', options);
    return saves.shift() ?? { canceled: true, filePath: '' };
  },
  showErrorBox: (title: string, content: string): void => note('dialog.showErrorBox', title, content),
};
/** The next dialog's answer; without one it is cancelled. */
export const answerDialog = {
  open: (...filePaths: string[]): void => { opens.push({ canceled: false, filePaths }); },
  save: (filePath: string): void => { saves.push({ canceled: false, filePath }); },
};

export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
