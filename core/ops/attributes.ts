// Schemas of the attribute shapes that several operators share.
import * as v from 'valibot';

export const integer = v.pipe(v.number(), v.safeInteger());
export const size = v.pipe(integer, v.minValue(0));
export const positive = v.pipe(integer, v.minValue(1));
/** Height, width. */
export const pair = v.tuple([positive, positive]);
/** Height, width, each 0 or more. */
export const sizes = v.tuple([size, size]);
/** Top, left, bottom, right. */
export const padding = v.tuple([size, size, size, size]);
export type Padding = v.InferOutput<typeof padding>;
export type Pair = v.InferOutput<typeof pair>;
export const none = v.object({});
