// What the executor chose for a partition, as one line for a log. Without imports that run, so that the command line loads at once.
import type { Choice, FastWay } from '../execute/index.ts';

const ON: Readonly<Record<FastWay, string>> = { kernels: 'on the integer kernels', 'integer-operators': "on ONNX Runtime's operators for integers", 'inside-float': 'inside floating point' };
const NAMES: Readonly<Record<FastWay, string>> = { kernels: 'kernels', 'integer-operators': 'operators for integers', 'inside-float': 'inside floating point' };
const ORDER: readonly FastWay[] = ['kernels', 'integer-operators', 'inside-float'];

export function sayChoice({ partition, nodes, way, milliseconds, reason, left = [] }: Choice): string {
  const times = ORDER.flatMap((each) => { const time = milliseconds?.[each]; return time === undefined ? [] : [`${NAMES[each]} ${time.toFixed(1)} ms`]; });
  const without = left.filter((each) => each.reason !== reason).map((each) => `; not ${ON[each.way]}: ${each.reason}`);
  return `${partition}, ${nodes} nodes: ${ON[way]}; ${reason}${times.length > 0 ? ` (${times.join(', ')})` : ''}${without.join('')}`;
}
