// What lies in a folder of the engine's side, narrowed by a part of the name. Older answers never replace newer ones.
import { useEffect, useState } from 'react';
import type { FileKind, FolderView } from '../../../core/contract/index.ts';
import { RequantError } from '../../../core/errors/index.ts';
import { useStudio } from '../../controls/studio-context.ts';

export type Listing = { readonly view: FolderView; readonly error: null } | { readonly view: null; readonly error: RequantError | null };

export function useFolder(folder: string, kind: FileKind, filter: string): Listing {
  const studio = useStudio();
  const [listing, setListing] = useState<Listing>({ view: null, error: null });
  useEffect(() => {
    let current = true;
    const show = (next: Listing): void => { if (current) setListing(next); };
    void (async () => {
      try { show({ view: await studio.client().call('files.list', { folder, kind, filter }), error: null }); }
      catch (error) { show({ view: null, error: RequantError.from(error) }); }
    })();
    return () => { current = false; };
  }, [studio, folder, kind, filter]);
  return listing;
}
