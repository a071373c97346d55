// QuantizationScheme: how a tensor may be quantized, with the source document's restrictions.
import { RequantError } from '../errors/index.ts';

/** How a tensor is stored as integers q: r = scale * (q - zeroPoint). */
export interface QuantizationScheme {
  /** true: the zero point may be any integer of the type; false: it is 0. */
  readonly asymmetric: boolean;
  /** true: one scale an output channel; false: one for the whole tensor. */
  readonly perChannel: boolean;
  /** Bits of activations, 8 or 16. Weights are int8 whatever this says. */
  readonly bits: 8 | 16;
}

/** Builds a scheme. Raises SCHEME_FORBIDDEN unless bits is 8 or 16. */
export function quantizationScheme(asymmetric: boolean, perChannel: boolean, bits = 8): QuantizationScheme {
  if (bits !== 8 && bits !== 16) throw new RequantError('SCHEME_FORBIDDEN', `${bits} bits are not possible, only 8 and 16`);
  return { asymmetric, perChannel, bits };
}

/** Raises SCHEME_FORBIDDEN for asymmetric weights. */
export function checkWeightScheme(scheme: QuantizationScheme): QuantizationScheme {
  if (scheme.asymmetric) throw new RequantError('SCHEME_FORBIDDEN', 'weights cannot be asymmetric');
  if (scheme.bits !== 8) throw new RequantError('SCHEME_FORBIDDEN', `weights are always int8, not ${scheme.bits} bits`);
  return scheme;
}

/** Raises SCHEME_FORBIDDEN for per-channel activations. */
export function checkActivationScheme(scheme: QuantizationScheme): QuantizationScheme {
  if (scheme.perChannel) throw new RequantError('SCHEME_FORBIDDEN', 'activations cannot be quantized per channel');
  return scheme;
}
