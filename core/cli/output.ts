// --output DIR/NAME of the commands that write a quantized model, and what they say of its nodes.
import { basename, dirname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { QuantizedGraph } from '../ir/index.ts';

/** Raises CONFIG_INVALID where the option names no file. */
export function outputOf(output: string): { readonly folder: string; readonly name: string } {
  const name = basename(output).replace(/\.sima$/i, '');
  if (name === '' || name === '.' || name === '..') throw new RequantError('CONFIG_INVALID', `--output ${output} names no file`, {}, { hint: 'Give --output DIR/NAME.' });
  return { folder: dirname(output), name };
}

interface NodeCounts {
  readonly int8: number;
  readonly int16: number;
  readonly float: number;
}

export function countNodes(graph: QuantizedGraph): NodeCounts {
  const ran = graph.nodes.filter((node) => node.kind === 'integer' || node.kind === 'float');
  const counted = (precision: string): number => ran.filter((node) => (node.kind === 'float' ? 'float' : node.precision) === precision).length;
  return { int8: counted('int8'), int16: counted('int16'), float: counted('float') };
}

export const sayNodes = ({ int8, int16, float }: NodeCounts): string => `${int8} nodes at int8, ${int16} at int16, ${float} in float`;
