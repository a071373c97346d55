// What the script leaves behind: the model, two data sets, the labels and how to prepare a picture. Same in, same bytes.
import { formatNpz } from '../../core/tensor/npz.ts';
import { tensor } from '../../core/tensor/tensor.ts';
import { CHANNELS, SIZE } from './draw.ts';
import { INPUT, OUTPUT } from './export.ts';
import { PREPROCESSING } from './network.ts';
import { picturesOf, type Pictures } from './pictures.ts';
import { LABELS } from './shapes.ts';

/** The two data sets by the name of their file. `train` is a third set that is never written. */
export const DATA_SETS = { calibration: 100, test: 500 } as const;
export type DataSet = keyof typeof DATA_SETS;
export const dataSet = (name: DataSet): Pictures => picturesOf(name, 0, DATA_SETS[name]);

/** File name -> bytes of everything beside the pictures' and the weights' own making. */
export function outputFiles(model: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const description = {
    model: 'shapes.onnx', calibration: 'calibration.npz', test: 'test.npz', labels: 'labels.txt',
    input: INPUT, output: OUTPUT, layout: 'nhwc', ...PREPROCESSING,
  };
  return new Map([
    ['shapes.onnx', model],
    ['calibration.npz', packed(dataSet('calibration'))],
    ['test.npz', packed(dataSet('test'))],
    ['labels.txt', text(`${LABELS.join('\n')}\n`)],
    ['sample.json', text(`${JSON.stringify(description, null, 2)}\n`)],
  ]);
}

function packed({ count, pixels, labels }: Pictures): Uint8Array {
  return formatNpz({
    x: tensor('uint8', [count, SIZE, SIZE, CHANNELS], pixels),
    y: tensor('int64', [count], BigInt64Array.from(labels, BigInt)),
  }, { compress: true });
}
