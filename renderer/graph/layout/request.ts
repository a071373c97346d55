// What the page asks of the layout worker: boxes with sizes, and edges between their indices.
export interface LayoutRequest {
  readonly id: number;
  readonly boxes: readonly { readonly width: number; readonly height: number }[];
  /** Where boxes stood before, to keep their order from left to right; NaN for new ones. Absent: a first layout. */
  readonly hint?: readonly number[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}
