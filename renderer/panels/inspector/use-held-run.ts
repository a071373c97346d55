// A run, where the engine still holds it; null otherwise.
import type { RunView } from '../../../core/contract/index.ts';
import { useSession } from '../../stores/session.ts';

export const useHeldRun = (run: RunView | null): RunView | null => useSession((s) => (run && !s.forgotten.has(run.id) ? run : null));
