// The shown run, where the engine still holds it; null otherwise.
import type { RunView } from '../../../core/contract/index.ts';
import { shownRun, useSession } from '../../stores/session.ts';

export const useHeldRun = (): RunView | null => useSession((s) => { const shown = shownRun(s); return shown && !s.forgotten.has(shown.id) ? shown : null; });
