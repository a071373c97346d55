// Pictures as the network's input: bytes scaled and shifted as PREPROCESSING says.
import { CHANNELS, IMAGE_BYTES, SIZE } from '../draw.ts';
import { prepared } from '../network.ts';
import { volume, type Volume } from './volume.ts';

export function batchOf(pixels: Uint8Array): Volume {
  const out = volume(pixels.length / IMAGE_BYTES, SIZE, SIZE, CHANNELS);
  pixels.forEach((byte, i) => { out.data[i] = prepared(byte); });
  return out;
}
