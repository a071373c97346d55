// Float32 values to stored integers, on the kernels' memory and threads.
import { instruction } from './instructions.ts';
import { pass } from './passing.ts';

/** Values that go there at once. */
const CHUNK = 2 ** 22;
const VALUE_NS = 1.2;
/** Values of the smallest piece. */
const PIECE = 8192;

export interface Steps {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

/** Writes clamp(rint(x / scale) + zeroPoint) of each value. False where a value is NaN or infinite; `into` then holds nothing of use. */
export function quantizeInto(into: Int8Array | Int16Array, x: Float32Array, { scale, zeroPoint, min, max }: Steps): boolean {
  let numbers = true;
  for (let from = 0; from < x.length && numbers; from += CHUNK) {
    const part = x.subarray(from, from + CHUNK);
    numbers = pass(part.length * VALUE_NS, Math.ceil(part.length / PIECE), ({ pin, room }) => {
      const [y, bad] = [room(part.length * into.BYTES_PER_ELEMENT), pin(Int32Array.of(0))];
      const parameters = { scale, x: pin(part), y, count: part.length, zeroPoint, min, max, width: into.BYTES_PER_ELEMENT, bad };
      return {
        instruction: (pieces) => instruction('quantizeStored', parameters, pieces),
        result: (bytes) => {
          into.set(into instanceof Int8Array ? new Int8Array(bytes, y, part.length) : new Int16Array(bytes, y, part.length), from);
          return new Int32Array(bytes, bad, 1)[0] === 0;
        },
      };
    });
  }
  return numbers;
}
