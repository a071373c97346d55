// What the page asks of the layout worker: boxes with sizes, and edges between their indices. Typed arrays travel as a copy of bytes.
export interface LayoutRequest {
  readonly id: number;
  readonly widths: Float64Array<ArrayBuffer>;
  readonly heights: Float64Array<ArrayBuffer>;
  /** Indices of boxes: from, to, from, to ... */
  readonly edges: Int32Array<ArrayBuffer>;
  /** Where the middles of boxes stood before, to keep their order from left to right; NaN for new ones. Absent: a first layout. */
  readonly hint?: Float64Array<ArrayBuffer>;
}
