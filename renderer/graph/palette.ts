// Palette: the theme's colours for a canvas, which does not know CSS variables. Looked up once a theme.

export type Palette = (colour: string) => string;

/** `var(--x)` as its value on `element`; any other colour as it is. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (colour) => {
    const found = known.get(colour);
    if (found !== undefined) return found;
    const name = /^var\((.+)\)$/.exec(colour)?.[1];
    const value = name === undefined ? colour : style.getPropertyValue(name).trim() || colour;
    known.set(colour, value);
    return value;
  };
}
