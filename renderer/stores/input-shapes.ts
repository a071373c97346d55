// Input shapes: what a model's file leaves open, as fields that a person fills in, and the shapes that come of it.
import { create } from 'zustand';
import type { DeclaredInput, FileRef, InputShapes } from '../../core/contract/index.ts';

/** One thing to fill in: an open dimension, the length of a sequence, or the whole shape where the file tells nothing. */
export interface ShapeField {
  readonly key: string;
  readonly label: string;
  /** Where it stands: the inputs as far as they are known. */
  readonly note: string;
  readonly whole: boolean;
  readonly value: string;
}

export interface ShapeQuestion {
  readonly asking: {
    readonly file: FileRef;
    readonly inputs: readonly DeclaredInput[];
    readonly fields: readonly ShapeField[];
    readonly given: InputShapes;
    /** Why the engine did not take what was given last. */
    readonly refusal: string | null;
  } | null;
}
export const useShapeQuestion = create<ShapeQuestion>(() => ({ asking: null }));

const dimensionText = (d: number | string): string => (d === '' ? '?' : String(d));
const declaredText = ({ name, dimensions, sequence }: DeclaredInput): string => (sequence ? `${name}: a list of tensors` : `${name} ${(dimensions ?? []).map(dimensionText).join('×')}`);
/** A named dimension is one field wherever its name stands; members of a sequence may differ, so that theirs have no names. */
const keyOf = (input: DeclaredInput, axis: number): string => {
  const d = input.dimensions?.[axis];
  return typeof d === 'string' && d !== '' ? `dimension ${d}` : `${input.name} ${axis}`;
};

/** What such a dimension usually is; a person who knows better writes over it. */
function guess({ dimensions, sequence }: DeclaredInput, axis: number): number {
  const d = String(dimensions?.[axis] ?? ''), rank = dimensions?.length ?? 0;
  if (axis === 0 || sequence || /batch/i.test(d)) return 1;
  if (/height|width|^[hw]$/i.test(d)) return 224;
  if (/seq|len|token|time/i.test(d)) return 128;
  const isChannels = (at: number): boolean => dimensions?.[at] === 1 || dimensions?.[at] === 3;
  if (rank === 4 && ((isChannels(1) && axis > 1) || (isChannels(3) && axis < 3))) return 224;
  return rank <= 3 && axis === 1 ? 128 : 1;
}

/** One field for each open dimension, in the order of the inputs. */
export function fieldsOf(inputs: readonly DeclaredInput[], given: InputShapes): readonly ShapeField[] {
  const fields = new Map<string, ShapeField>();
  for (const input of inputs) {
    const known = given[input.name], { name, dimensions, sequence } = input;
    if (!dimensions) fields.set(name, { key: name, label: name, note: 'The file does not tell how many dimensions it has. Batch first: 1, 3, 224, 224', whole: true, value: known?.join(', ') ?? '' });
    for (const [axis, d] of (dimensions ?? []).entries()) {
      const key = keyOf(input, axis);
      if (typeof d === 'number' || fields.has(key)) continue;
      const sharing = d === '' ? [input] : inputs.filter((other) => other.dimensions?.includes(d));
      fields.set(key, {
        key, whole: false, value: String(known?.[axis] ?? guess(input, axis)), note: sharing.map(declaredText).join(', '),
        label: sequence ? `${name}: how many tensors` : d === '' ? `${name}: dimension ${axis}` : d,
      });
    }
  }
  return [...fields.values()];
}

const size = (text: string, least: number): number | null => (/^\s*\d{1,15}\s*$/.test(text) && Number(text) >= least ? Number(text) : null);

/** Whole shapes from the fields' texts, or what is wrong with which field. What was given for other inputs, such as a sequence's length, stays. */
export function shapesFrom(inputs: readonly DeclaredInput[], values: Readonly<Record<string, string>>, given: InputShapes): { readonly shapes: InputShapes } | { readonly errors: Readonly<Record<string, string>> } {
  const errors: Record<string, string> = {}, shapes: Record<string, number[]> = { ...given };
  const read = (key: string, least: number): number => {
    const value = size(values[key] ?? '', least);
    if (value === null) errors[key] = `A whole number of at least ${least}`;
    return value ?? 0;
  };
  for (const input of inputs) {
    const { name, dimensions, sequence } = input;
    if (!dimensions) {
      const whole = (values[name] ?? '').split(/[,x×]/).map((part) => size(part, 1));
      if (whole.includes(null)) errors[name] = 'Whole numbers of at least 1 with commas between: 1, 3, 224, 224';
      shapes[name] = whole.map((d) => d ?? 0);
    } else if (dimensions.some((d) => typeof d === 'string')) {
      shapes[name] = dimensions.map((d, axis) => (typeof d === 'number' ? d : read(keyOf(input, axis), sequence ? 0 : 1)));
    }
  }
  return Object.keys(errors).length > 0 ? { errors } : { shapes };
}
