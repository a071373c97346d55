// Projects: open one, save what is on the screen as one.
import { FolderArchive, Save, SaveAll } from 'lucide-react';
import { chooseFiles } from '../calls/choose-files.ts';
import { openFile } from '../calls/open-file.ts';
import { saveProject } from '../calls/save-project.ts';
import { useProject } from '../stores/project.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

const needsModel = (): string | null => (useSession.getState().model ? null : 'Open a model first');

export const projectActions: readonly Action[] = [
  {
    id: 'open-project', label: 'Open project', keys: ['mod+shift+o'], icon: FolderArchive,
    run: async (studio) => {
      const [file] = await chooseFiles(studio, 'project');
      if (file) await openFile(studio, file);
    },
  },
  {
    id: 'save-project', label: 'Save project', keys: ['mod+s'], icon: Save,
    why: () => needsModel() ?? (useProject.getState().file && !useProject.getState().dirty ? 'Everything is saved' : null),
    detail: () => useProject.getState().name,
    run: (studio) => saveProject(studio, false),
  },
  { id: 'save-project-as', label: 'Save project as', keys: ['mod+shift+s'], icon: SaveAll, why: needsModel, run: (studio) => saveProject(studio, true) },
];
