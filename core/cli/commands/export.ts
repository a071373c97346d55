// requant export: writes a quantized model for other programs.
import { Option } from 'commander';
import { RequantError } from '../../errors/index.ts';
import type { ExportFormatName } from '../../save/exports.ts';
import type { CliCommand } from '../command.ts';
import { isQuantizedPath } from '../runner.ts';
import { withProgress } from '../terminal.ts';

/** Named here so that --help loads no engine; the type holds them to core/save's table. */
const FORMATS = {
  'onnx-qdq': 'ONNX with QuantizeLinear and DequantizeLinear, for ONNX Runtime and its like; close to the exact integers',
  'onnx-exact': 'the exact integers inside floating point, bit for bit in any runtime that computes in IEEE arithmetic',
} as const satisfies Record<ExportFormatName, string>;

interface ExportOptions {
  readonly format: ExportFormatName;
  readonly output: string;
}

export const exportCommand: CliCommand = {
  name: 'export',
  summary: 'write a quantized model for other programs',
  declare: (command) => {
    command
      .argument('<NAME.sima>', 'a quantized model')
      .addOption(new Option('--format <FORMAT>', Object.entries(FORMATS).map(([name, text]) => `${name}: ${text}`).join('; ')).choices(Object.keys(FORMATS)).makeOptionMandatory())
      .requiredOption('--output <FILE>', 'the file to write');
    return async ({ terminal, engine, report }) => {
      const { format, output } = command.opts<ExportOptions>();
      const path = command.processedArgs[0] as string;
      if (!isQuantizedPath(path)) throw new RequantError('FORMAT_UNKNOWN', 'this is not a .sima file', { file: path }, { hint: 'Make one with `requant quantize`.' });
      const { Model } = await engine();
      const bytes = await withProgress(terminal, async (onProgress) => {
        onProgress({ stage: 'loading', fraction: 0 });
        const model = await Model.load(path);
        try {
          terminal.cancel.throwIfCancelled();
          onProgress({ stage: 'writing', fraction: 0.5 });
          return await model.export(format, output);
        } finally {
          await model.release();
        }
      });
      report({ file: output, format, bytes }, () => `wrote ${output}: ${bytes} bytes, ${format}`);
    };
  },
};
