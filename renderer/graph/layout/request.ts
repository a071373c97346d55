// What the page asks of the layout worker: boxes with sizes, and edges between their indices.
export interface LayoutRequest {
  readonly id: number;
  readonly boxes: readonly { readonly width: number; readonly height: number }[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}
