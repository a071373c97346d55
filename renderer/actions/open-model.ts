// Open a model from a file.
import { FolderOpen } from 'lucide-react';
import { runJob } from '../calls/job.ts';
import { openModel } from '../calls/open-model.ts';
import type { Action } from './action.ts';

export const openModelAction: Action = {
  id: 'open-model', label: 'Open model', keys: ['mod+o'], icon: FolderOpen,
  run: async (studio) => {
    const files = await runJob('model', 'Reading the model', () => studio.door.chooseFiles('model'));
    if (files?.[0]) await openModel(studio, files[0]);
  },
};
