// Images to another size. TensorFlow's three ways to say which places correspond are three of ONNX's coordinate modes.
import { asFirst, inOrder } from '../layout.ts';
import { elemType, ints, text, type Row } from '../operator.ts';

export const resize = (mode: 'linear' | 'nearest'): Row => (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const [height = 0, width = 0] = o.numbers(1);
  const [corners, halfPixel] = [o.flag('align_corners', false), o.flag('half_pixel_centers', false)];
  const first = asFirst(o, x, true);
  // A resized image of whole numbers is bilinear in real ones.
  const read = mode === 'linear' && o.dtypeOf(x) !== 'float32' ? o.onnx('Cast', [first], { to: elemType('float32') }) : first;
  const made = o.onnx('Resize', [read, '', '', o.list([shape[0] ?? 1, shape[3] ?? 1, height, width])], {
    mode: text(mode), coordinate_transformation_mode: text(corners ? 'align_corners' : halfPixel ? 'half_pixel' : 'asymmetric'),
    ...(mode === 'nearest' ? { nearest_mode: text(corners || halfPixel ? 'round_prefer_ceil' : 'floor') } : {}),
  }, o.output);
  o.become(inOrder(o, made, true));
};

/** Weights [from, to]: how much of each old place a new one covers, together one. */
function coverage(from: number, to: number, corners: boolean): Float64Array {
  const scale = corners && to > 1 ? (from - 1) / (to - 1) : from / to;
  const weights = new Float64Array(from * to);
  for (let i = 0; i < to; i++) for (let k = Math.floor(i * scale); k < (i + 1) * scale; k++) {
    const covered = Math.min(k + 1, (i + 1) * scale) - Math.max(k, i * scale);
    // Past the edge the last place counts again.
    const at = Math.min(k, from - 1) * to + i;
    weights[at] = (weights[at] ?? 0) + covered / scale;
  }
  return weights;
}

/** A mean over the area that a new pixel covers is linear: a product with constant weights along the height, and one along the width. */
export const resizeArea: Row = (o) => {
  const x = o.input(0);
  const [, height = 0, width = 0] = o.shapeOf(x);
  const [rows = 0, columns = 0] = o.numbers(1);
  if (!(rows >= 1 && columns >= 1 && height >= 1 && width >= 1)) throw o.fail(`${rows} x ${columns} is no size of an image`);
  o.build.spend(height * rows + width * columns);
  const corners = o.flag('align_corners', false);
  const along = (image: string, from: number, to: number): string => o.onnx('MatMul', [image, o.values('float32', [from, to], [...coverage(from, to, corners)])]);
  const real = o.dtypeOf(x) === 'float32' ? x : o.onnx('Cast', [x], { to: elemType('float32') });
  const tall = along(o.onnx('Transpose', [real], { perm: ints([0, 3, 2, 1]) }), height, rows);
  const wide = along(o.onnx('Transpose', [tall], { perm: ints([0, 1, 3, 2]) }), width, columns);
  o.become(o.onnx('Transpose', [wide], { perm: ints([0, 2, 3, 1]) }, o.output));
};
