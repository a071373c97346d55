// The matrix product under every dense layer: out += a * b, with strides so that transposes need no copy.

/** Row i, column j of a matrix lies at i * row + j * column of its data. */
export interface Matrix {
  readonly data: Float64Array;
  readonly row: number;
  readonly column: number;
}

export const matrix = (data: Float64Array, columns: number): Matrix => ({ data, row: columns, column: 1 });
export const transposed = (m: Matrix): Matrix => ({ data: m.data, row: m.column, column: m.row });

/** So many terms of each sum at a time, so that the rows in work stay in the fast cache. */
const DEPTH = 64;

/** out[rows, columns] += a[rows, depth] * b[depth, columns]; out is row-major. The order of additions is fixed. */
export function addProduct(out: Float64Array, a: Matrix, b: Matrix, rows: number, depth: number, columns: number): void {
  for (let from = 0; from < depth; from += DEPTH) {
    const to = Math.min(depth, from + DEPTH);
    for (let i = 0; i < rows; i += 4) {
      for (let j = 0; j < columns; j += 2) {
        if (i + 4 <= rows && j + 2 <= columns) addBlock(out, columns, a, b, i, j, from, to);
        else addEdge(out, columns, a, b, i, Math.min(rows, i + 4), j, Math.min(columns, j + 2), from, to);
      }
    }
  }
}

/** Four rows by two columns, summed in locals: eight products for six loads. */
function addBlock(out: Float64Array, columns: number, a: Matrix, b: Matrix, i: number, j: number, from: number, to: number): void {
  const [x, y] = [a.data, b.data];
  const [step, down, ahead] = [a.column, b.row, b.column];
  let p0 = i * a.row + from * step;
  let p1 = p0 + a.row;
  let p2 = p1 + a.row;
  let p3 = p2 + a.row;
  let q = j * ahead + from * down;
  let s00 = 0, s01 = 0, s10 = 0, s11 = 0, s20 = 0, s21 = 0, s30 = 0, s31 = 0;
  for (let k = from; k < to; k++) {
    // In range by the loop bounds above; the casts only quiet the index check.
    const y0 = y[q] as number;
    const y1 = y[q + ahead] as number;
    const x0 = x[p0] as number;
    const x1 = x[p1] as number;
    const x2 = x[p2] as number;
    const x3 = x[p3] as number;
    s00 += x0 * y0; s01 += x0 * y1;
    s10 += x1 * y0; s11 += x1 * y1;
    s20 += x2 * y0; s21 += x2 * y1;
    s30 += x3 * y0; s31 += x3 * y1;
    p0 += step; p1 += step; p2 += step; p3 += step;
    q += down;
  }
  let o = i * columns + j;
  out[o] = (out[o] as number) + s00; out[o + 1] = (out[o + 1] as number) + s01;
  o += columns;
  out[o] = (out[o] as number) + s10; out[o + 1] = (out[o + 1] as number) + s11;
  o += columns;
  out[o] = (out[o] as number) + s20; out[o + 1] = (out[o + 1] as number) + s21;
  o += columns;
  out[o] = (out[o] as number) + s30; out[o + 1] = (out[o + 1] as number) + s31;
}

function addEdge(out: Float64Array, columns: number, a: Matrix, b: Matrix, i0: number, i1: number, j0: number, j1: number, from: number, to: number): void {
  for (let i = i0; i < i1; i++) {
    for (let j = j0; j < j1; j++) {
      let sum = 0;
      for (let k = from; k < to; k++) sum += (a.data[i * a.row + k * a.column] as number) * (b.data[k * b.row + j * b.column] as number);
      out[i * columns + j] = (out[i * columns + j] as number) + sum;
    }
  }
}
