// How schemes are called here.
import type { SweepRow } from '../../../core/contract/index.ts';

export const SCHEME_TEXT: Readonly<Record<SweepRow['weights'] | SweepRow['activations'], string>> = {
  'per-channel': 'per channel', 'per-tensor': 'per tensor', asymmetric: 'asymmetric', symmetric: 'symmetric',
};
