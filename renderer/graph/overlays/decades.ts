// A logarithmic scale out to whole decades, so that a small change of one value leaves the scale, and all other colours, as they were.

export interface Domain {
  readonly low: number;
  readonly high: number;
}

/** The decades that hold positive values from `least` to `most`; one at least. */
export function decadesOf(least: number, most: number): Domain {
  const low = Math.floor(Math.log10(least));
  return { low: 10 ** low, high: 10 ** Math.max(Math.ceil(Math.log10(most)), low + 1) };
}

/** Where a positive value lies, from 0 at the low end to 1 at the high one. */
export const inDecades = (value: number, { low, high }: Domain): number => Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));

/** The value half way. */
export const middleDecade = ({ low, high }: Domain): number => Math.sqrt(low * high);
