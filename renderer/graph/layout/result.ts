// What the layout worker answers: where each box's top left corner is, and the line of each edge.
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Layout {
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
  /** Points of the edges as x, y, x, y ...: the source's foot, the bends where the edge passes other layers, the target's head. */
  readonly points: Float64Array<ArrayBuffer>;
  /** Where each edge's points begin among them, and where the last one's end. */
  readonly pointsFrom: Int32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}
export interface LayoutResult {
  readonly id: number;
  readonly layout: Layout;
}

/** The points of an edge, as a window on those of all edges. */
export const edgePoints = ({ points, pointsFrom }: Pick<Layout, 'points' | 'pointsFrom'>, edge: number): Float64Array => points.subarray(pointsFrom[edge], pointsFrom[edge + 1]);
