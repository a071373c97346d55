// Turns the network's table into layers over its parameters.
import type { Block } from '../network.ts';
import { batchNorm } from './batch-norm.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { depthwise } from './depthwise.ts';
import { chain, type Layer } from './layer.ts';
import type { Parameters } from './parameters.ts';
import { globalAverage, maxPool } from './pooling.ts';
import { rectifier } from './rectifier.ts';
import { residual } from './residual.ts';

export function build(blocks: readonly Block[], parameters: Parameters): Layer {
  return chain(blocks.flatMap((block) => layersOf(block, parameters)));
}

function layersOf(block: Block, parameters: Parameters): readonly Layer[] {
  switch (block.kind) {
    case 'convolution': return [convolution(parameters(`${block.name}.weight`), block, block.to), ...tail(block, parameters)];
    case 'depthwise': return [depthwise(parameters(`${block.name}.weight`), block.stride), ...tail(block, parameters)];
    case 'maxPool': return [maxPool()];
    case 'residual': return [residual(build(block.body, parameters)), rectifier(Infinity)];
    case 'globalAverage': return [globalAverage()];
    case 'dense': return [dense(parameters(`${block.name}.weight`), parameters(`${block.name}.bias`), block.from, block.to)];
  }
}

/** Batch norm and, where the block has one, its activation. */
function tail({ name, ceiling }: { readonly name: string; readonly ceiling?: number }, parameters: Parameters): readonly Layer[] {
  const [gamma, beta] = [parameters(`${name}.gamma`), parameters(`${name}.beta`)];
  const [mean, variance] = [parameters(`${name}.mean`), parameters(`${name}.variance`)];
  return [batchNorm({ gamma, beta, mean, variance }), ...(ceiling === undefined ? [] : [rectifier(ceiling)])];
}
