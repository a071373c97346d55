// RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: positions in float32 as TensorFlow Lite's reference kernels compute them.
import { MOST_LISTED, type Row } from '../operator.ts';
import { RESIZE } from '../schema.ts';

const f = Math.fround;
interface Rule {
  readonly alignCorners: boolean;
  readonly halfPixel: boolean;
}

function scaleOf(size: number, out: number, { alignCorners }: Rule): number {
  return alignCorners && out > 1 ? f((size - 1) / (out - 1)) : f(size / out);
}
const within = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));

/** Rounded half away from zero with align_corners, down without. */
function nearest(x: number, size: number, out: number, rule: Rule): number {
  const at = f(f(x + (rule.halfPixel ? 0.5 : 0)) * scaleOf(size, out, rule));
  return within(rule.alignCorners ? Math.round(at) : Math.floor(at), size);
}
function linear(x: number, size: number, out: number, rule: Rule): number {
  const scale = scaleOf(size, out, rule);
  return within(rule.halfPixel ? f(f(f(x + 0.5) * scale) - 0.5) : f(x * scale), size) + 0;
}

export const resize = (op: 'resize_nearest' | 'resize_bilinear'): Row => (o) => {
  const [x = ''] = o.inputs;
  const image = o.shapeOf(x);
  const size = o.integers(1);
  const slots = RESIZE[op];
  const rule = { alignCorners: o.options?.bool(slots.alignCorners) ?? false, halfPixel: o.options?.bool(slots.halfPixel) ?? false };
  if (image.length !== 4 || size.length !== 2 || size.some((d) => d < 1 || d > MOST_LISTED)) throw o.fail(`[${size.join(', ')}] is no size of an image`);
  if (rule.alignCorners && rule.halfPixel) throw o.fail('corners cannot be aligned and pixels have half centres at once');
  const positionOf = op === 'resize_nearest' ? nearest : linear;
  const [rows, columns] = [0, 1].map((d) => Array.from({ length: size[d] ?? 1 }, (_, i) => positionOf(i, image[d + 1] ?? 1, size[d] ?? 1, rule)));
  // Integers are interpolated at positions of their own, which follow from the rule.
  o.node(op, [x], { rows, columns, ...(op === 'resize_bilinear' ? { rule: rule.alignCorners ? 'corners' : rule.halfPixel ? 'centres' : 'plain' } : {}) });
};
