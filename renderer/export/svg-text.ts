// Text of a picture: its middle line at y, in fonts that are everywhere.
import { element, type Attributes, type Markup } from './markup.ts';

export const SANS = 'system-ui, "Liberation Sans", "DejaVu Sans", sans-serif';
export const MONO = 'ui-monospace, "DejaVu Sans Mono", monospace';

/** `dominant-baseline` is not known to every reader of SVG, a shift by a share of the font's size is. */
export const svgText = (x: number, y: number, text: string, attributes: Attributes): Markup => element('text', { x, y, dy: '0.35em', ...attributes }, text);
