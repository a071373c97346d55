// The list of files opened last.
import type { FileRef } from '../../core/contract/index.ts';
import { useRecents } from '../stores/recents.ts';
import type { Studio } from './studio.ts';

/** The list is a convenience: that it cannot be had is nobody's concern. */
export async function refreshRecents(studio: Studio): Promise<void> {
  const found = await studio.client().call('recent.list', {}).catch(() => null);
  if (found) show(studio, found.files);
}

export async function removeRecent(studio: Studio, file: FileRef): Promise<void> {
  const found = await studio.client().call('recent.remove', { file }).catch(() => null);
  if (found) show(studio, found.files);
}

function show(studio: Studio, files: ReturnType<typeof useRecents.getState>['files']): void {
  useRecents.setState({ files });
  studio.door.showRecents(files);
}
