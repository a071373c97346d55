// requant inspect: what is in a model, how it is placed, and which precisions every node can have.
import type { StoredQuantization } from '../../ir/index.ts';
import { showShape } from '../../tensor/tensor.ts';
import type { CliCommand } from '../command.ts';
import { declareModel, MODEL_FILE, modelOptions } from '../model-options.ts';
import { formatTable } from '../table.ts';

/** How the file stores an activation; null where it does not. */
const storedOf = (q: StoredQuantization | undefined) => (q ? { dtype: q.dtype, scale: q.scales[0] ?? null, zeroPoint: q.zeroPoints[0] ?? 0 } : null);
const sayStored = (stored: ReturnType<typeof storedOf> | undefined): string => (stored ? `${stored.dtype}, scale ${stored.scale ?? '?'}, zero point ${stored.zeroPoint}` : '');

export const inspect: CliCommand = {
  name: 'inspect',
  summary: 'show the inputs, outputs and nodes of a model',
  declare: (command) => {
    declareModel(command.argument('<MODEL>', MODEL_FILE));
    return async ({ engine, report }) => {
      const net = await (await engine()).loadModel(command.processedArgs[0] as string, modelOptions(command));
      try {
        const { graph } = net;
        const ports = (list: typeof graph.inputs) => list.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
        const nodes = graph.nodes.map((node) => {
          const output = node.outputs[0] ?? '';
          return {
            name: node.name,
            op: node.op,
            unit: node.unit,
            inputs: node.inputs.filter((input) => input !== '' && !graph.constants.has(input)),
            output,
            shape: graph.values.get(output)?.shape ?? [],
            precisions: node.precisions,
            ...(graph.stored && { stored: storedOf(graph.stored.get(output)) }),
            ...(node.reason !== undefined && { reason: node.reason }),
          };
        });
        const document = { inputs: ports(graph.inputs), outputs: ports(graph.outputs), nodes };
        report(document, () => [
          ...document.inputs.map((input) => `input   ${input.name}  ${input.dtype} ${showShape(input.shape)}`),
          ...document.outputs.map((output) => `output  ${output.name}  ${output.dtype} ${showShape(output.shape)}`),
          '',
          formatTable([{ title: 'node' }, { title: 'op' }, { title: 'unit' }, { title: 'shape' }, { title: 'precisions' }, ...(graph.stored ? [{ title: 'stored in the file' }] : [])],
            nodes.map((node) => [node.name, node.op, node.unit, showShape(node.shape), node.precisions.join(', ') || `float${node.reason === undefined ? '' : ` (${node.reason})`}`, ...(graph.stored ? [sayStored(node.stored)] : [])])),
        ].join('\n'));
      } finally {
        await net.release();
      }
    };
  },
};
