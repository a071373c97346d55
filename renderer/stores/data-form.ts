// The data form: which files a person chose for each role, and the preprocessing as it is typed.
import { create } from 'zustand';
import { type CHANNEL_ORDERS, DATA_ROLES, endsAs, MOST_RAW_DIMENSIONS, type RAW_TYPES, type RESIZES, type DataRole, type FileRef, type Preprocessing, type RawLayout } from '../../core/contract/index.ts';

export interface DataForm {
  /** Empty when the data came with the sample. */
  readonly files: readonly FileRef[];
  readonly labels: FileRef | null;
  readonly key: string;
  readonly labelsKey: string;
  readonly scale: string;
  readonly mean: string;
  readonly std: string;
  readonly layout: '' | 'nhwc' | 'nchw';
  readonly dequantize: string;
  readonly resize: (typeof RESIZES)[number];
  readonly keep: string;
  readonly pad: string;
  readonly channelOrder: (typeof CHANNEL_ORDERS)[number];
  /** Of a raw file; empty: as the model's input. */
  readonly rawType: '' | (typeof RAW_TYPES)[number];
  readonly rawShape: string;
  /** Has a person typed here? If not, the form follows what the other role uses. */
  readonly touched: boolean;
}
export type DataForms = Readonly<Record<DataRole, DataForm>>;

export const EMPTY_FORM: DataForm = {
  files: [], labels: null, key: '', labelsKey: '', scale: '1', mean: '0', std: '1', layout: '', dequantize: '',
  resize: 'stretch', keep: '100', pad: '0', channelOrder: 'rgb', rawType: '', rawShape: '', touched: false,
};

export const useDataForms = create<DataForms>(() => ({ calibration: EMPTY_FORM, evaluation: EMPTY_FORM }));

export function changeForm(role: DataRole, change: Partial<DataForm>): void {
  useDataForms.setState((s) => ({ [role]: { ...s[role], ...change } }));
}

/** Preprocessing spelled out for the form's fields. Short decimals stay short: 1/255 is shown with its full digits. */
export function formOf(p: Preprocessing): Pick<DataForm, 'scale' | 'mean' | 'std' | 'layout' | 'dequantize' | 'resize' | 'keep' | 'pad' | 'channelOrder'> {
  return {
    scale: String(p.scale), mean: p.mean.join(', '), std: p.std.join(', '), layout: p.layout ?? '',
    dequantize: p.dequantize ? `${p.dequantize.scale}, ${p.dequantize.zeroPoint}` : '',
    resize: p.resize ?? 'stretch', keep: String(p.keep ?? 100), pad: String(p.pad ?? 0), channelOrder: p.channelOrder ?? 'rgb',
  };
}

/** After data arrived: its own form shows what was used; a form that nobody touched follows. */
export function followData(role: DataRole, used: Preprocessing): void {
  const shown = formOf(used);
  useDataForms.setState((s) => Object.fromEntries(
    DATA_ROLES.map((r) => [r, r === role || (!s[r].touched && s[r].files.length === 0) ? { ...s[r], ...shown } : s[r]]),
  ));
}

export type FieldErrors = Readonly<Partial<Record<'scale' | 'mean' | 'std' | 'dequantize' | 'keep' | 'pad' | 'rawShape', string>>>;

/** A number, also as a fraction: 1/255. */
function numberOf(text: string): number | null {
  const [top, bottom, ...more] = text.split('/').map((part) => part.trim());
  if (more.length > 0 || !top) return null;
  const n = bottom === undefined ? Number(top) : bottom === '' ? NaN : Number(top) / Number(bottom);
  return Number.isFinite(n) ? n : null;
}

function numbersOf(text: string): number[] | null {
  const numbers = text.split(',').map(numberOf);
  return numbers.every((n) => n !== null) ? numbers : null;
}

/** Is what the form loads images? Before anything is chosen it may become so. */
export const loadsImages = ({ files: [first] }: Pick<DataForm, 'files'>): boolean => first === undefined || endsAs(first.name, 'images');

/** Does the form load a file that does not say what its numbers are? That has to be said before it can be loaded. */
export const loadsRaw = ({ files: [first] }: Pick<DataForm, 'files'>): boolean => first !== undefined && endsAs(first.name, 'raw');

/** 3, 32, 32 or 3x32x32; null where it is no shape. */
function shapeOf(text: string): number[] | null {
  const sizes = text.split(/[,x×]/).map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : 0));
  return sizes.every((size) => size > 0 && Number.isSafeInteger(size)) && sizes.length <= MOST_RAW_DIMENSIONS ? sizes : null;
}

/** The form's preprocessing and, of a raw file, what it holds; or what is wrong with each field. */
export function parseForm(form: DataForm): { readonly preprocessing: Preprocessing; readonly raw?: RawLayout } | { readonly errors: FieldErrors } {
  const scale = numberOf(form.scale);
  const mean = numbersOf(form.mean);
  const std = numbersOf(form.std);
  const dequantize = form.dequantize.trim() === '' ? undefined : numbersOf(form.dequantize);
  // What is said of images means nothing to arrays, which are taken as they are: it may have come here from the images of the other role.
  const images = loadsImages(form);
  // Only a crop keeps a share, and only a fitted image is padded; what stands in the fields means nothing otherwise.
  const keep = images && form.resize === 'crop' ? numberOf(form.keep) : 100;
  const pad = images && form.resize === 'fit' ? numberOf(form.pad) : 0;
  const rawShape = loadsRaw(form) && form.rawShape.trim() !== '' ? shapeOf(form.rawShape) : undefined;
  const errors: FieldErrors = {
    ...(scale === null && { scale: 'One number, such as 1 or 1/255' }),
    ...(mean === null && { mean: 'One number, or one a channel with commas between' }),
    ...((std === null || std.includes(0)) && { std: 'One number, or one a channel; none of them 0' }),
    ...(dequantize !== undefined && (dequantize?.length !== 2 || !Number.isInteger(dequantize[1])) && { dequantize: 'Scale and whole zero point: 0.0235, -3' }),
    ...((keep === null || keep < 10 || keep > 100) && { keep: 'Per cent, 10 to 100; 224 of 256 is 87.5' }),
    ...((pad === null || !Number.isInteger(pad) || pad < 0 || pad > 255) && { pad: 'A whole number from 0, black, to 255, white' }),
    ...(rawShape === null && { rawShape: 'Whole numbers above 0 with commas between: 3, 32, 32' }),
  };
  if (scale === null || mean === null || std === null || keep === null || pad === null || Object.keys(errors).length > 0) return { errors };
  const raw: RawLayout = { ...(loadsRaw(form) && form.rawType && { type: form.rawType }), ...(rawShape && { shape: rawShape }) };
  return {
    ...(Object.keys(raw).length > 0 && { raw }),
    preprocessing: {
      scale, mean, std,
      ...(form.layout && { layout: form.layout }),
      ...(dequantize && { dequantize: { scale: dequantize[0] ?? 1, zeroPoint: dequantize[1] ?? 0 } }),
      ...(images && form.resize !== 'stretch' && { resize: form.resize }),
      ...(keep !== 100 && { keep }),
      ...(pad !== 0 && { pad }),
      ...(images && form.channelOrder !== 'rgb' && { channelOrder: form.channelOrder }),
    },
  };
}
