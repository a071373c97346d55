// Paper: what is taken away is read and printed on a light ground, whatever theme the studio has.
import type { Palette } from '../graph/palette.ts';

/** The tokens of the light theme, read from the page's own style sheets. */
export function paperPalette(sheets: Iterable<CSSStyleSheet>): Palette {
  const tokens = new Map<string, string>();
  for (const sheet of sheets) for (const rule of sheet.cssRules) {
    if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
    for (const name of rule.style) if (name.startsWith('--')) tokens.set(name, rule.style.getPropertyValue(name).trim());
  }
  return (colour) => tokens.get(/^var\((.+)\)$/.exec(colour)?.[1] ?? '') ?? colour;
}
