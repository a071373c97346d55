// requant convert: a .tflite that arrives quantized becomes NAME.sima and NAME.sima.json with the file's own scales; no data is needed.
import { Option } from 'commander';
import type { QuantizationFlavor } from '../../engine/pipeline.ts';
import type { CliCommand } from '../command.ts';
import { declareModel, modelOptions } from '../model-options.ts';
import { countNodes, outputOf, sayNodes } from '../output.ts';
import { ensureFolder } from '../../tensor/files.ts';

interface ConvertOptions {
  readonly flavor: QuantizationFlavor;
  readonly output: string;
}

export const convert: CliCommand = {
  name: 'convert',
  summary: 'convert a TFLite model that arrives quantized, with its own scales',
  declare: (command) => {
    command
      .argument('<MODEL.tflite>', 'a fully quantized .tflite file')
      .requiredOption('--output <DIR/NAME>', 'writes DIR/NAME.sima and DIR/NAME.sima.json')
      .addOption(new Option('--flavor <FLAVOR>', 'sima: shifts only between layers; tflite: the integers of the reference kernels of TensorFlow Lite').choices(['sima', 'tflite']).default('sima'));
    declareModel(command);
    return async ({ terminal, engine, report }) => {
      const { flavor, output } = command.opts<ConvertOptions>();
      const { folder, name } = outputOf(output);
      const { loadModel } = await engine();
      const net = await loadModel(command.processedArgs[0] as string, modelOptions(command));
      try {
        const model = net.convertToSimaQuantization({ flavor, modelName: name });
        try {
          terminal.cancel.throwIfCancelled();
          await ensureFolder(folder);
          const files = await model.save(name, folder);
          const nodes = countNodes(model.graph);
          const { notices } = model.graph;
          report({ files, nodes, flavor, notices }, () => [...files.map((file) => `wrote ${file}`), `${sayNodes(nodes)}; the scales are the file's own`, ...notices.map((notice) => `note: ${notice}`)].join('\n'));
        } finally {
          await model.release();
        }
      } finally {
        await net.release();
      }
    };
  },
};
