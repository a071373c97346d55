// What dropped files are meant as, by their endings.
import { endsAs } from '../../../core/contract/index.ts';

/** A model or project, alone or with the files that hold its weights; one array file; or nothing but images. */
export function dropMeaning(names: readonly string[]): 'model' | 'data' | 'unknown' {
  const [first] = names;
  if (first === undefined) return 'unknown';
  if (names.some((name) => endsAs(name, 'model'))) return 'model';
  if (names.length === 1 && endsAs(first, 'data')) return 'data';
  return names.every((name) => endsAs(name, 'images')) ? 'data' : 'unknown';
}
