// Draws one sample: a shape of the class `label`, turned, scaled and shifted, between clutter, with grain. Out: 32 x 32 RGB bytes.
import type { Random } from './random.ts';
import { LABELS, SHAPES, type Distance } from './shapes.ts';

export const SIZE = 32;
export const CHANNELS = 3;
export const IMAGE_BYTES = SIZE * SIZE * CHANNELS;
/** Brightness is kept in steps of this many grey levels: no eye sees it, and the data packs to less than half. */
const STEP = 8;

/** Largest turn either way, in radians: 35 degrees. */
const TURN = (35 * Math.PI) / 180;

type Colour = readonly [number, number, number];
const BLACK: Colour = [0, 0, 0];

export function draw(label: number, random: Random): Uint8Array {
  const outline = SHAPES[LABELS[label] ?? ''];
  if (!outline) throw new RangeError(`there is no class ${label}`);
  const pixels = new Float64Array(IMAGE_BYTES);

  const ground = paint(random, 0.16, 0.88);
  const ink = contrasting(ground, random);
  background(pixels, ground, random);
  for (let i = random.below(5); i > 0; i--) speck(pixels, mix(ground, paint(random, 0.1, 0.95), 0.6), random);
  stamp(pixels, placed(outline, random), ink, random);
  for (let i = random.below(2); i > 0; i--) scratch(pixels, paint(random, 0.1, 0.95), random);
  return grain(pixels, random);
}

/** The outline turned by up to 35 degrees either way, stretched a little, of radius 8 to 13.5 pixels, wholly in the picture. */
function placed(outline: Distance, random: Random): Distance {
  const radius = random.between(8, 13.5);
  const angle = random.between(-TURN, TURN);
  const stretch = random.between(0.9, 1.12);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const centre = (): number => random.between(Math.min(radius, SIZE / 2 - 0.5), Math.max(SIZE - radius, SIZE / 2 + 0.5));
  const [cx, cy] = [centre(), centre()];
  return (x, y) => {
    const dx = (x - cx) / radius;
    const dy = (y - cy) / radius;
    // Every outline lies within radius 1.25; the picture only asks how far when it is near.
    if (dx * dx + dy * dy > 4) return radius;
    return outline((c * dx + s * dy) * stretch, (c * dy - s * dx) / stretch) * radius;
  };
}

/** Fills with two tones of one colour in bands along a random direction. */
function background(pixels: Float64Array, colour: Colour, random: Random): void {
  const angle = random.between(0, 2 * Math.PI);
  const depth = random.between(0, 0.3);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  everyPixel((x, y, at) => {
    const along = (c * (x - SIZE / 2) + s * (y - SIZE / 2)) / SIZE;
    blend(pixels, at, shade(colour, 1 + depth * (Math.round(along * 6) / 6)), 1);
  });
}

/** A soft shadow, then the shape, lit a little from one side; edges are covered by the share of the pixel inside. */
function stamp(pixels: Float64Array, shape: Distance, colour: Colour, random: Random): void {
  const shadow = random.unit() < 0.5 ? random.between(0.15, 0.45) : 0;
  const rim = random.unit() < 0.4 ? shade(colour, random.between(0.5, 0.75)) : colour;
  everyPixel((x, y, at) => {
    if (shadow > 0) blend(pixels, at, BLACK, shadow * cover(shape(x - 1.2, y - 1.6) / 2));
    const distance = shape(x, y);
    blend(pixels, at, distance > -1.3 ? rim : colour, cover(distance));
  });
}

/** A small disc behind the shape. */
function speck(pixels: Float64Array, colour: Colour, random: Random): void {
  const [cx, cy, radius] = [random.between(0, SIZE), random.between(0, SIZE), random.between(0.8, 2.6)];
  everyPixel((x, y, at) => blend(pixels, at, colour, cover(Math.sqrt((x - cx) ** 2 + (y - cy) ** 2) - radius)));
}

/** A thin line across the shape. */
function scratch(pixels: Float64Array, colour: Colour, random: Random): void {
  const [cx, cy] = [random.between(4, SIZE - 4), random.between(4, SIZE - 4)];
  const angle = random.between(0, Math.PI);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [half, width] = [random.between(3, 11), random.between(0.4, 0.9)];
  everyPixel((x, y, at) => {
    const beyond = Math.max(0, Math.abs(c * (x - cx) + s * (y - cy)) - half);
    const across = c * (y - cy) - s * (x - cx);
    blend(pixels, at, colour, cover(Math.sqrt(beyond * beyond + across * across) - width));
  });
}

/** Brightness noise of an amount that differs from picture to picture, then bytes. */
function grain(pixels: Float64Array, random: Random): Uint8Array {
  const share = random.between(0, 0.35);
  const amount = random.between(8, 26);
  const out = new Uint8Array(IMAGE_BYTES);
  everyPixel((_x, _y, at) => {
    const noise = random.unit() < share ? amount * random.normal() : 0;
    for (let k = at; k < at + CHANNELS; k++) {
      const value = Math.round(((pixels[k] ?? 0) * 255 + noise) / STEP) * STEP;
      out[k] = Math.min(255, Math.max(0, value));
    }
  });
  return out;
}

/** Share of a pixel covered by a shape whose edge is `distance` pixels away. */
const cover = (distance: number): number => Math.min(1, Math.max(0, 0.5 - distance));

const shade = (colour: Colour, by: number): Colour => [colour[0] * by, colour[1] * by, colour[2] * by];
const mix = (a: Colour, b: Colour, part: number): Colour =>
  [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];

/** A colour of any hue with a lightness between `low` and `high`. */
function paint(random: Random, low: number, high: number): Colour {
  const hue = random.unit();
  const lightness = random.between(low, high);
  const strength = random.between(0.25, 0.9) * Math.min(lightness, 1 - lightness);
  const channel = (turn: number): number => lightness + strength * Math.cos(2 * Math.PI * (hue - turn));
  return [channel(0), channel(1 / 3), channel(2 / 3)];
}

/** A colour that can be told from `other`, now and then only just. */
function contrasting(other: Colour, random: Random): Colour {
  for (;;) {
    const colour = paint(random, 0.08, 0.95);
    const apart = Math.hypot(colour[0] - other[0], colour[1] - other[1], colour[2] - other[2]);
    if (apart > 0.42) return colour;
  }
}

function blend(pixels: Float64Array, at: number, colour: Colour, part: number): void {
  if (part <= 0) return;
  for (let k = 0; k < CHANNELS; k++) pixels[at + k] = (pixels[at + k] ?? 0) * (1 - part) + (colour[k] ?? 0) * part;
}

/** Calls with the centre of each pixel and where its red byte is. */
function everyPixel(visit: (x: number, y: number, at: number) => void): void {
  for (let y = 0; y < SIZE; y++) for (let x = 0; x < SIZE; x++) visit(x + 0.5, y + 0.5, (y * SIZE + x) * CHANNELS);
}
