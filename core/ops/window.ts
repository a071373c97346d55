// The sliding window that convolution and pooling share.
import { RequantError, type ErrorPlace } from '../errors/index.ts';

/** Number of window positions along one dimension. Raises SHAPE_MISMATCH when not even one fits. */
export function windowSize(size: number, kernel: number, stride: number, dilation: number, before: number, after: number, where: ErrorPlace): number {
  const reach = (kernel - 1) * dilation + 1;
  const positions = Math.floor((size + before + after - reach) / stride) + 1;
  if (positions < 1) throw new RequantError('SHAPE_MISMATCH', `a window of ${reach} does not fit ${size} + ${before + after} of padding`, where);
  return positions;
}
