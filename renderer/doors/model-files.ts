// A model among the files that came with it: ONNX may keep weights in files beside the model, or in folders below.
import { endsAs } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';

/** A file, and where it lies within what was chosen or dropped: names with `/` between. */
export interface SentFile {
  readonly file: File;
  readonly path: string;
}
export interface ModelFiles {
  readonly model: SentFile;
  /** Paths from the model's own folder. */
  readonly data: readonly SentFile[];
}
/** As many as the engine takes. */
export const MOST_DATA_FILES = 1000;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const depth = (path: string): number => path.split('/').length;

/** The one model that lies highest. Raises FORMAT_UNKNOWN, CONFIG_INVALID for several, BUDGET_EXCEEDED. */
export function modelWithData(files: readonly SentFile[]): ModelFiles {
  const models = files.filter(({ path }) => endsAs(path, 'model'));
  const highest = Math.min(...models.map(({ path }) => depth(path)));
  const [model, ...others] = models.filter(({ path }) => depth(path) === highest);
  if (!model) throw new RequantError('FORMAT_UNKNOWN', 'None of these files is a model', files[0] ? { file: files[0].path } : {}, { hint: 'Requant opens .onnx, .tflite and frozen TensorFlow .pb models, and .requant projects.' });
  if (others.length > 0) throw new RequantError('CONFIG_INVALID', `There are several models here: ${[model, ...others].slice(0, 4).map(({ path }) => path).join(', ')}`, {}, { hint: 'Choose one of them, with the files that hold its weights.' });
  // Only ONNX keeps weights elsewhere.
  if (!/\.onnx$/i.test(model.path)) return { model, data: [] };
  const folder = folderOf(model.path);
  const data = files.filter(({ path }) => path !== model.path && path.startsWith(folder) && !endsAs(path, 'model')).map(({ file, path }) => ({ file, path: path.slice(folder.length) }));
  if (data.length > MOST_DATA_FILES) throw new RequantError('BUDGET_EXCEEDED', `${data.length} files lie beside the model; at most ${MOST_DATA_FILES} are sent with it`, { file: model.path }, { hint: 'Choose the model together with the files that hold its weights.' });
  return { model, data };
}
