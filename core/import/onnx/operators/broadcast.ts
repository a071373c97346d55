// Shapes under ONNX's multidirectional broadcasting: trailing dimensions line up, a dimension of 1 repeats.
import type { OnnxOperator } from '../operator.ts';

/** Raises OPERATOR_UNSUPPORTED where the shapes do not go together. */
export function broadcast(a: readonly number[], b: readonly number[], o: OnnxOperator): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) throw o.fail(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    return da === 1 ? db : da;
  });
}
