// The list of recent files as the page sends it for the menu, checked on arrival.
import * as v from 'valibot';
import { RecentView } from '../core/contract/index.ts';

const Recents = v.pipe(v.array(RecentView), v.maxLength(50));

/** Null where it is no such list. */
export function readRecents(files: unknown): readonly RecentView[] | null {
  const parsed = v.safeParse(Recents, files);
  return parsed.success ? parsed.output : null;
}
