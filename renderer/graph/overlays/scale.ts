// Sequential colour scales, from good to bad. Luminance changes in one direction only, so the order survives any kind
// of colour blindness and a grey print. Bad is what stands out: dark on the light ground, bright on the dark one.

export type Ground = 'light' | 'dark';
type Rgb = readonly [number, number, number];

const STOPS: Readonly<Record<Ground, readonly Rgb[]>> = {
  light: [[247, 232, 166], [246, 201, 113], [240, 164, 82], [227, 124, 75], [204, 86, 96], [166, 58, 118], [122, 43, 128], [76, 34, 115], [36, 26, 82]],
  dark: [[51, 64, 127], [79, 67, 154], [122, 69, 160], [165, 75, 152], [203, 90, 130], [229, 117, 104], [243, 154, 85], [247, 195, 92], [251, 235, 156]],
};

export function scaleRgb(t: number, ground: Ground): Rgb {
  const stops = STOPS[ground];
  const at = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const a = stops[i] as Rgb, b = stops[i + 1] as Rgb; // i is at most length - 2
  const mix = (k: 0 | 1 | 2): number => Math.round(a[k] + (b[k] - a[k]) * (at - i));
  return [mix(0), mix(1), mix(2)];
}

/** CSS colour of `t`: 0 is good, 1 is bad. */
export const scaleColour = (t: number, ground: Ground): string => `rgb(${scaleRgb(t, ground).join(', ')})`;

export const scaleGradient = (ground: Ground): string =>
  `linear-gradient(to right, ${STOPS[ground].map((rgb) => `rgb(${rgb.join(', ')})`).join(', ')})`;

/** Diverging colours from better (blue) over the ground to worse (orange): told apart by every kind of colour blindness. */
const DIVERGING: Readonly<Record<Ground, readonly [better: Rgb, even: Rgb, worse: Rgb]>> = {
  light: [[14, 92, 168], [232, 235, 239], [186, 84, 0]],
  dark: [[104, 178, 255], [58, 66, 78], [255, 158, 66]],
};

/** `t` from -1 (better) over 0 to 1 (worse). */
export function divergingRgb(t: number, ground: Ground): Rgb {
  const [better, even, worse] = DIVERGING[ground];
  const share = Math.min(1, Math.abs(t)), end = t < 0 ? better : worse;
  const mix = (k: 0 | 1 | 2): number => Math.round(even[k] + (end[k] - even[k]) * share);
  return [mix(0), mix(1), mix(2)];
}
export const divergingGradient = (ground: Ground): string =>
  `linear-gradient(to right, ${[-1, -0.5, 0, 0.5, 1].map((t) => `rgb(${divergingRgb(t, ground).join(', ')})`).join(', ')})`;
export const inkOnRgb = (rgb: Rgb): string => (luminance(rgb) > 0.179 ? '#10151c' : '#ffffff');

/** Relative luminance (WCAG 2.2). */
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever is easier to read on a colour of the scale. */
export const inkOn = (t: number, ground: Ground): string => inkOnRgb(scaleRgb(t, ground));
