// What a quantized graph can be written as for other programs. Adding a format = a row here.
import { emitExactModel, emitQdqGraph, onnxFile } from '../emit/index.ts';
import { RequantError } from '../errors/index.ts';
import type { QuantizedGraph } from '../ir/index.ts';
import { replaceFile } from '../tensor/files.ts';

interface ExportFormat {
  readonly description: string;
  readonly extension: string;
  /** Raises OPERATOR_UNSUPPORTED, naming the node, where the format cannot say it. */
  readonly bytes: (graph: QuantizedGraph) => Uint8Array;
}

const FORMATS = {
  'onnx-qdq': {
    description: 'ONNX with QuantizeLinear and DequantizeLinear; rounds as its runtime does, close to the exact integers',
    extension: '.onnx',
    bytes: (graph) => onnxFile(emitQdqGraph(graph)),
  },
  'onnx-exact': {
    description: 'ONNX in plain floating point; any runtime that computes in IEEE arithmetic gives the exact integers, bit for bit',
    extension: '.onnx',
    bytes: (graph) => onnxFile(emitExactModel(graph)),
  },
} as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof FORMATS;
export const EXPORT_FORMATS: Readonly<Record<ExportFormatName, ExportFormat>> = FORMATS;

/** Writes the file whole or not at all; returns its size in bytes. Raises CONFIG_INVALID for a name with another extension, FILE_UNWRITABLE. */
export async function exportModel(graph: QuantizedGraph, format: ExportFormatName, file: string): Promise<number> {
  const { extension, bytes } = EXPORT_FORMATS[format];
  if (!file.toLowerCase().endsWith(extension)) throw new RequantError('CONFIG_INVALID', `${format} is written as ${extension}`, { file }, { hint: `Give a file name that ends in ${extension}.` });
  const content = bytes(graph);
  await replaceFile(file, content);
  return content.length;
}
