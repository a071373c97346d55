// Copies between strided views of up to six dimensions: what movement operators and broadcasting come down to.
import { instruction, type Instruction } from '../../kernels/index.ts';

const DIMENSIONS = 6;

/** Bytes from one element to the next in a dense tensor. */
export function stepsOf(shape: readonly number[], width: number): number[] {
  const steps = new Array<number>(shape.length).fill(width);
  for (let d = shape.length - 2; d >= 0; d--) steps[d] = (steps[d + 1] ?? 0) * (shape[d + 1] ?? 1);
  return steps;
}

/** Neighbouring dimensions that both sides walk in one stride are one dimension. */
export function mergeDimensions(shape: readonly number[], xSteps: readonly number[], ySteps: readonly number[]): { size: number; x: number; y: number }[] {
  const out: { size: number; x: number; y: number }[] = [];
  shape.forEach((size, d) => {
    if (size === 1) return;
    const x = xSteps[d] ?? 0;
    const y = ySteps[d] ?? 0;
    const before = out.at(-1);
    if (before && before.x === x * size && before.y === y * size) { before.size *= size; before.x = x; before.y = y; }
    else out.push({ size, x, y });
  });
  return out;
}

/** Copies a view of `shape`, or undefined where it has too many dimensions. Steps are bytes, by dimension. */
export function copying(
  pin: (data: ArrayBufferView) => number, shape: readonly number[], xSteps: readonly number[], ySteps: readonly number[], width: number,
): ((x: number, y: number) => Instruction) | undefined {
  const merged = mergeDimensions(shape, xSteps, ySteps);
  const missing = DIMENSIONS - merged.length;
  if (missing < 0) return undefined;
  const dims = pin(Int32Array.from([...Array.from({ length: missing }, () => ({ size: 1, x: width, y: width })), ...merged].flatMap((d) => [d.size, d.x, d.y])));
  return (x, y) => instruction('copy', { x, y, dims, width });
}
