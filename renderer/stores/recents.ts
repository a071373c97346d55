// Files that were opened last, as the engine remembers them.
import { create } from 'zustand';
import type { RecentView } from '../../core/contract/index.ts';

export const useRecents = create<{ readonly files: readonly RecentView[] }>(() => ({ files: [] }));
