// Values of options: texts of the command line to numbers, lists and pairs, or a message that says what is expected.
import { InvalidArgumentError } from 'commander';

/** A number, or a fraction such as 1/255. */
export function number(text: string): number {
  const [over, under, ...rest] = text.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = (over ?? NaN) / (under ?? 1);
  if (rest.length > 0 || !Number.isFinite(value)) throw new InvalidArgumentError('A number is expected, such as 0.5 or 1/255.');
  return value;
}

export const numbers = (text: string): readonly number[] => text.split(',').map(number);

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) throw new InvalidArgumentError('A whole number above 0 is expected.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('A whole number is expected.');
  return value;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError('A port is a whole number up to 65535.');
  return value;
}

/** A,B,C; given twice, the lists add up. */
export const names = (text: string, earlier: readonly string[] = []): readonly string[] =>
  [...earlier, ...text.split(',').map((name) => name.trim()).filter((name) => name !== '')];

/** NAME=KEY; given twice, the pairs add up. The last = divides, since names of inputs may hold one. */
export function pair(text: string, earlier: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('NAME=KEY is expected.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

const wholeSizes = (text: string): readonly number[] | undefined => {
  const sizes = text.split(',').map((d) => (/^\d+$/.test(d.trim()) ? Number(d) : 0));
  return sizes.every((d) => d >= 1 && Number.isSafeInteger(d)) ? sizes : undefined;
};

/** N,N,... */
export function dimensions(text: string): readonly number[] {
  const sizes = wholeSizes(text);
  if (!sizes) throw new InvalidArgumentError('N,N,... is expected: whole numbers above 0, such as 224,224,3.');
  return sizes;
}

/** NAME=N,N,...; given twice, the shapes add up. */
export function shape(text: string, earlier: Readonly<Record<string, readonly number[]>> = {}): Readonly<Record<string, readonly number[]>> {
  const at = text.lastIndexOf('=');
  const sizes = wholeSizes(text.slice(at + 1));
  if (at < 1 || !sizes) throw new InvalidArgumentError('NAME=N,N,... is expected: whole numbers above 0, batch first, such as image=1,224,224,3.');
  return { ...earlier, [text.slice(0, at)]: sizes };
}

/** NAME=N; given twice, the sizes add up. */
export function size(text: string, earlier: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('NAME=N is expected.');
  return { ...earlier, [text.slice(0, at)]: count(text.slice(at + 1)) };
}

/** SCALE,ZERO_POINT */
export function dequantization(text: string): { readonly scale: number; readonly zeroPoint: number } {
  const [scale, zeroPoint, ...rest] = numbers(text);
  if (scale === undefined || zeroPoint === undefined || rest.length > 0 || scale <= 0 || !Number.isInteger(zeroPoint)) {
    throw new InvalidArgumentError('SCALE,ZERO_POINT is expected: a scale above 0 and a whole zero point.');
  }
  return { scale, zeroPoint };
}
