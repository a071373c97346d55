// Resize and Upsample: where each row and column of the output lies in the input, in float32 as ONNX Runtime computes it.
import type { ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';

const f = Math.fround;

interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
}
type Coordinates = (x: number, axis: Axis) => number;
const halfPixel: Coordinates = (x, { scale }) => f(f(f(x + 0.5) / scale) - 0.5);
const symmetric: Coordinates = (x, axis) => {
  const adjustment = f(axis.out / f(axis.scale * axis.size));
  return f(f(f(axis.size / 2) * f(1 - adjustment)) + halfPixel(x, axis));
};
/** coordinate_transformation_mode of the specification; tf_crop_and_resize is left to ONNX Runtime. */
const COORDINATES: Readonly<Record<string, Coordinates>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: symmetric,
  pytorch_half_pixel: (x, axis) => (axis.out > 1 ? halfPixel(x, axis) : 0),
  align_corners: (x, { size, out }) => (out === 1 ? 0 : f(f(x * (size - 1)) / (out - 1))),
  asymmetric: (x, { scale }) => f(x / scale),
  tf_half_pixel_for_nn: (x, { scale }) => f(f(x + 0.5) / scale),
};
type Rounding = (x: number, scale: number) => number;
const NEAREST: Readonly<Record<string, Rounding>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
  /** Before opset 11 there was no choice. */
  simple: (x, scale) => (scale < 1 ? Math.ceil(x) : Math.floor(x)),
};

/** Each dimension of the file with its size before and after; nothing where that is computed at run time or not given. */
function axesOf(o: OnnxOperator, x: ValueEntry): readonly Axis[] | undefined {
  const old = o.type === 'Upsample' || o.opset < 11;
  const at = old ? 1 : 2;
  if ([at, 3].some((i) => o.input(i)?.kind === 'value')) return undefined;
  const scales = (old ? o.attribute('scales')?.floats : undefined) ?? o.numbers(at) ?? [];
  const sizes = old ? [] : o.numbers(3) ?? [];
  const axes = (o.ints('axes') ?? x.shape.map((_, i) => i)).map((a) => normalAxis(a, x.shape.length, o));
  const same = x.shape.map((size): Axis => ({ size, out: size, scale: 1 }));
  const give = (d: number, out: number, scale: number): void => { same[d] = { size: x.shape[d] ?? 1, out, scale: f(scale) }; };
  if (sizes.length === axes.length && sizes.length > 0) {
    const policy = o.text('keep_aspect_ratio_policy', 'stretch');
    const ratios = axes.map((d, i) => (sizes[i] ?? 1) / (x.shape[d] ?? 1));
    const one = policy === 'not_larger' ? Math.min(...ratios) : policy === 'not_smaller' ? Math.max(...ratios) : undefined;
    axes.forEach((d, i) => give(d, one === undefined ? sizes[i] ?? 1 : Math.floor(one * (x.shape[d] ?? 1) + 0.5), one ?? ratios[i] ?? 1));
    return same;
  }
  if (scales.length !== axes.length || scales.length === 0) return undefined;
  axes.forEach((d, i) => give(d, Math.floor(f((x.shape[d] ?? 1) * (scales[i] ?? 1))), scales[i] ?? 1));
  return same;
}

export const resize: Row = (o) => {
  const x = o.value(0);
  const old = o.type === 'Upsample' || o.opset < 11;
  const axes = x.shape.length === 3 || x.shape.length === 4 ? axesOf(o, x) : undefined;
  const mode = o.text('mode', 'nearest');
  const coordinates = COORDINATES[old ? 'asymmetric' : o.text('coordinate_transformation_mode', 'half_pixel')];
  const rounding = NEAREST[old ? 'simple' : o.text('nearest_mode', 'round_prefer_floor')];
  const moved = axes?.flatMap((axis, d) => (axis.out !== axis.size || axis.scale !== 1 ? [d] : [])) ?? [];
  // Some files hold images that are channels-last in the file itself.
  const fileIsLast = x.shape.length === 4 && moved.some((d) => d === 1) && moved.every((d) => d === 1 || d === 2);
  const smoothed = o.int('antialias', 0) === 1 && axes?.some((axis) => axis.out < axis.size);
  if (!axes || !coordinates || !rounding || smoothed || (mode !== 'nearest' && mode !== 'linear') || (!fileIsLast && moved.some((d) => d < 2))) return opaque(o);
  if (axes.some(({ out }) => !(out >= 1))) throw o.fail('nothing would be left of the image');
  const positions = ({ size, out, scale }: Axis): number[] => {
    o.build.spend(out);
    return Array.from({ length: out }, (_, i) => {
      const at = scale === 1 && out === size ? i : coordinates(i, { size, out, scale });
      // + 0: no negative zero.
      return Math.min(size - 1, Math.max(0, mode === 'nearest' ? rounding(at, scale) : at)) + 0;
    });
  };
  const images = fileIsLast ? axes.slice(1, 3) : axes.slice(2);
  const [rows = [0], columns = [0]] = images.length === 1 ? [[0], ...images.map(positions)] : images.map(positions);
  const shape = axes.map(({ out }) => out);
  o.emit(mode === 'nearest' ? 'resize_nearest' : 'resize_bilinear', [fileIsLast ? o.build.asFile(x, o.source) : o.build.asImage(x, o.source)], { rows, columns }, shape, !fileIsLast);
};
