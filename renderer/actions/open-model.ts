// Open a model or a project from a file.
import { FolderOpen } from 'lucide-react';
import { chooseFiles } from '../calls/choose-files.ts';
import { openFile } from '../calls/open-file.ts';
import type { Action } from './action.ts';

export const openModelAction: Action = {
  id: 'open-model', label: 'Open model or project', keys: ['mod+o'], icon: FolderOpen,
  run: async (studio) => {
    const [file] = await chooseFiles(studio, 'model');
    if (file) await openFile(studio, file);
  },
};
