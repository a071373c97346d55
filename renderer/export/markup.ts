// Markup: XML and HTML written piece by piece. Text goes in only through `element`, which escapes it, so that no name in a model can become a tag.

/** Text that is markup already. Made here and nowhere else. */
export class Markup {
  readonly #text: string;
  private constructor(text: string) { this.#text = text; }
  toString(): string { return this.#text; }

  static element(name: string, attributes: Attributes, children: readonly Child[]): Markup {
    let text = `<${name}`;
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) text += ` ${key}="${escape(String(value))}"`;
    if (children.length === 0) return new Markup(VOID.has(name) ? `${text}>` : XML.has(name) ? `${text}/>` : `${text}></${name}>`);
    return new Markup(`${text}>${children.map((child) => (typeof child === 'string' ? escape(child) : child.toString())).join('')}</${name}>`);
  }
}
export type Attributes = Readonly<Record<string, string | number | undefined>>;
export type Child = string | Markup;

/** HTML elements that have no end tag, and SVG elements that are short without content. */
const VOID: ReadonlySet<string> = new Set(['meta', 'br']);
const XML: ReadonlySet<string> = new Set(['rect', 'path', 'circle', 'stop']);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };
/** What XML 1.0 allows nowhere, not even as an entity; and halves of surrogate pairs, which UTF-8 cannot hold. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text for content and for quoted attributes, in HTML as in XML. Characters that XML forbids become U+FFFD. */
export const escape = (text: string): string => text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** `element('rect', { x: 1 })`. Names of elements and attributes are ours; values and strings among the children are escaped. */
export const element = (name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup => Markup.element(name, attributes, children);
