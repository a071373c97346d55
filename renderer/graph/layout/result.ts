// What the layout worker answers: where each box's top left corner is, and through which points long edges go.
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Layout {
  readonly positions: readonly Point[];
  /** One list an edge, from top to bottom; empty where the edge spans one layer. */
  readonly bends: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}
export interface LayoutResult {
  readonly id: number;
  readonly layout: Layout;
}
