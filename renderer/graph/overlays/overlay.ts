// What an overlay gives: a colour for each node, and the legend that explains the colours.

export interface NodeColour {
  readonly colour: string;
  /** Readable on the colour. */
  readonly ink: string;
  /** The value behind the colour, as text. */
  readonly text: string;
  /** 0 to 1: how much it should stand out where several nodes share one mark. */
  readonly weight?: number;
}
/** Of a scale: what its ends are called where nothing else is said. */
export const BETTER_WORSE: readonly [string, string] = ['better', 'worse'];
export type Legend =
  | { readonly kind: 'scale'; readonly title: string; readonly gradient: string; readonly good: string; readonly bad: string; readonly middle: string; readonly note: string; /** What its ends are; absent: better and worse. */ readonly ends?: readonly [string, string] }
  | { readonly kind: 'categories'; readonly title: string; readonly items: readonly { readonly label: string; readonly colour: string; readonly count: number }[]; readonly note: string }
  | { readonly kind: 'text'; readonly title: string; readonly note: string };

export interface Overlay {
  /** undefined: the node is drawn neutral. */
  readonly colourOf: (name: string) => NodeColour | undefined;
  readonly legend: Legend;
}
