// What the executor chose for a partition, as one line for a log. Without imports that run, so that the command line loads at once.
import type { Choice } from '../execute/index.ts';

export function sayChoice({ partition, nodes, way, milliseconds, reason }: Choice): string {
  const times = milliseconds ? ` (kernels ${milliseconds.kernels.toFixed(1)} ms, inside floating point ${milliseconds.insideFloat.toFixed(1)} ms)` : '';
  return `${partition}, ${nodes} nodes: ${way === 'kernels' ? 'on the integer kernels' : 'inside floating point'}; ${reason}${times}`;
}
