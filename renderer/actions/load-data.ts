// Load samples from an array file or a folder of images, and labels, for each role.
import { FileInput, Images, Tags } from 'lucide-react';
import { chooseData } from '../calls/open-data.ts';
import { DATA_ROLES } from '../../core/contract/index.ts';
import { useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

const needsModel = (): string | null => (useSession.getState().model ? null : 'Open a model first');

export const loadDataActions: readonly Action[] = DATA_ROLES.flatMap((role): Action[] => [
  { id: `load-${role}`, label: `Load a file of ${role} data`, icon: FileInput, why: needsModel, run: (studio) => chooseData(studio, role, 'data') },
  { id: `load-images-${role}`, label: `Load a folder of images for ${role}`, icon: Images, why: needsModel, run: (studio) => chooseData(studio, role, 'images') },
  { id: `load-labels-${role}`, label: `Load labels for ${role}`, icon: Tags, why: needsModel, run: (studio) => chooseData(studio, role, 'labels') },
]);
