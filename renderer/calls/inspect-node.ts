// Fetches a node's details: histograms, ranges, float against quantized.
import type { NodeDetail } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { log } from '../stores/messages.ts';
import type { Studio } from './studio.ts';

/** Null when the engine cannot tell; the reason goes to the log only, since nobody asked for more than a look. */
export async function inspectNode(studio: Studio, node: string, run: string | undefined, signal: AbortSignal): Promise<NodeDetail | null> {
  try {
    return await studio.client().call('node.inspect', { node, ...(run !== undefined && { run }) }, { signal });
  } catch (thrown) {
    const error = RequantError.from(thrown);
    if (error.code !== 'CANCELLED') log(error.line, 'error');
    return null;
  }
}
