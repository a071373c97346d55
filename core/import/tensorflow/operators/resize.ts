// Images to another size. TensorFlow's three ways to say which places correspond are three of ONNX's coordinate modes.
import { asFirst, inOrder } from '../layout.ts';
import { text, type Row } from '../operator.ts';

export const resize = (mode: 'linear' | 'nearest'): Row => (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const [height = 0, width = 0] = o.numbers(1);
  const [corners, halfPixel] = [o.flag('align_corners', false), o.flag('half_pixel_centers', false)];
  const first = asFirst(o, x, true);
  // A resized image of whole numbers is bilinear in real ones.
  const read = mode === 'linear' && o.dtypeOf(x) !== 'float32' ? o.onnx('Cast', [first], { to: { type: 2, i: 1 } }) : first;
  const made = o.onnx('Resize', [read, '', '', o.list([shape[0] ?? 1, shape[3] ?? 1, height, width])], {
    mode: text(mode), coordinate_transformation_mode: text(corners ? 'align_corners' : halfPixel ? 'half_pixel' : 'asymmetric'),
    ...(mode === 'nearest' ? { nearest_mode: text(corners || halfPixel ? 'round_prefer_ceil' : 'floor') } : {}),
  }, o.output);
  o.become(inOrder(o, made, true));
};
