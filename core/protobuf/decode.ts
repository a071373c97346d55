// Bytes -> message, driven by a table of messages. The bytes may be hostile: every length is checked against the bytes
// that are there, nesting and the number of objects are limited, and every failure is a RequantError.
import protobuf from 'protobufjs/minimal.js';
import { RequantError } from '../errors/index.ts';
import type { Field, MessageOf, ScalarKind, Schema } from './message.ts';

type Reader = protobuf.Reader;
const MAX_DEPTH = 64;
/** Objects of a message; each costs far more memory than the two bytes that can declare it. */
const MAX_MESSAGES = 1 << 21;
/** Elements of all typed data fields together. */
const MAX_ELEMENTS = 1 << 28;

interface Budget {
  messages: number;
  elements: number;
}

const corrupt = (message: string): RequantError => new RequantError('FORMAT_CORRUPT', message);

interface Scalar {
  readonly wire: number;
  /** Least bytes of one element. */
  readonly width: number;
  readonly read: (reader: Reader) => unknown;
}
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

/** A 64-bit integer as protobufjs gives it. */
interface Long {
  readonly low: number;
  readonly high: number;
}
const exact = ({ low, high }: Long): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);
const approximate = ({ low, high }: Long): number => high * 2 ** 32 + (low >>> 0);

const SCALARS: Readonly<Record<ScalarKind, Scalar>> = {
  int32: { wire: VARINT, width: 1, read: (r) => r.int32() },
  int64: { wire: VARINT, width: 1, read: (r) => approximate(r.int64()) },
  exactInt64: { wire: VARINT, width: 1, read: (r) => exact(r.int64()) },
  exactUint64: { wire: VARINT, width: 1, read: (r) => BigInt.asUintN(64, exact(r.uint64())) },
  float: { wire: FIXED32, width: 4, read: (r) => r.float() },
  double: { wire: FIXED64, width: 8, read: (r) => r.double() },
  string: { wire: BYTES, width: 1, read: (r) => text(bytes(r)) },
  bytes: { wire: BYTES, width: 1, read: (r) => bytes(r) },
};
const isScalar = (kind: string): kind is ScalarKind => Object.hasOwn(SCALARS, kind);

/** UTF-8 without TextDecoder, which this room's library does not declare; malformed input gives replacement characters. */
const text = (b: Uint8Array): string => protobuf.util.utf8.read(b, 0, b.length);

/** A length-delimited field as a view: nothing is copied. */
function bytes(reader: Reader): Uint8Array {
  const length = reader.uint32();
  const start = reader.pos;
  if (length > reader.len - start) throw corrupt(`a field of ${length} bytes does not fit the ${reader.len - start} that are left`);
  reader.pos = start + length;
  return reader.raw(start, start + length);
}

interface NamedField {
  readonly name: string;
  readonly field: Field;
}
/** Message name -> field number -> field. */
type Table = ReadonlyMap<string, ReadonlyMap<number, NamedField>>;

/**
 * The decoder of a format: (message name, bytes) -> message. It raises FORMAT_CORRUPT, or FORMAT_TOO_LARGE when the message would take too
 * much memory. `format` is for the errors.
 */
export function decoder<S extends Schema>(schema: S, format: string): <N extends keyof S & string>(name: N, data: Uint8Array) => MessageOf<S, N> {
  const table: Table = new Map(Object.entries(schema).map(([message, fields]) =>
    [message, new Map(Object.entries(fields).map(([name, field]) => [field[0], { name, field }]))]));
  return (name, data) => {
    try {
      const reader = new protobuf.Reader(data);
      return read(reader, table, name, reader.len, 0, { messages: 0, elements: 0 }) as MessageOf<S, typeof name>;
    } catch (thrown) {
      if (thrown instanceof RequantError) throw thrown;
      throw new RequantError('FORMAT_CORRUPT', `not a readable ${format} file: a field is cut short`, {}, { cause: thrown });
    }
  };
}

function read(reader: Reader, table: Table, name: string, end: number, depth: number, budget: Budget): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw corrupt(`messages are nested deeper than ${MAX_DEPTH}`);
  if (++budget.messages > MAX_MESSAGES) throw new RequantError('FORMAT_TOO_LARGE', `the file declares more than ${MAX_MESSAGES} objects`);
  const fields = table.get(name);
  const out: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    const wire = tag & 7;
    const known = fields?.get(number);
    if (number === 0) throw corrupt(`${name} has a field numbered 0`);
    if (known === undefined) {
      skip(reader, wire);
      continue;
    }
    const { name: key, field } = known;
    const [, kind] = field;
    const list = field.length === 3 ? ((out[key] ??= []) as unknown[]) : undefined;
    if (table.has(kind)) {
      if (wire !== BYTES) throw corrupt(`${name}.${key} is stored as the wrong type`);
      const length = reader.uint32();
      const stop = reader.pos + length;
      if (stop > end) throw corrupt(`${name}.${key} declares ${length} bytes, ${Math.max(0, end - reader.pos)} are left`);
      const value = read(reader, table, kind, stop, depth + 1, budget);
      if (list) list.push(value);
      else out[key] = value;
    } else if (isScalar(kind)) {
      const scalar = SCALARS[kind];
      if (wire === scalar.wire) {
        const value = scalar.read(reader);
        if (!list) out[key] = value;
        else { count(budget, 1); list.push(value); }
      } else if (wire === BYTES && list) {
        readPacked(reader, scalar, list, end, budget);
      } else throw corrupt(`${name}.${key} is stored as the wrong type`);
    }
  }
  if (reader.pos !== end) throw corrupt(`${name} runs past its end`);
  return out;
}

function readPacked(reader: Reader, scalar: Scalar, list: unknown[], end: number, budget: Budget): void {
  const length = reader.uint32();
  const stop = reader.pos + length;
  if (stop > end) throw corrupt(`a list of ${length} bytes does not fit the ${Math.max(0, end - reader.pos)} that are left`);
  count(budget, length / scalar.width);
  while (reader.pos < stop) list.push(scalar.read(reader));
  if (reader.pos !== stop) throw corrupt('a list runs past its end');
}

function count(budget: Budget, elements: number): void {
  budget.elements += elements;
  if (budget.elements > MAX_ELEMENTS) throw new RequantError('FORMAT_TOO_LARGE', `the file lists more than ${MAX_ELEMENTS} elements one by one`);
}

function skip(reader: Reader, wire: number): void {
  switch (wire) {
    case VARINT: reader.uint64(); return;
    case FIXED64: reader.skip(8); return;
    case BYTES: bytes(reader); return;
    case FIXED32: reader.skip(4); return;
    default: throw corrupt(`a field has wire type ${wire}, which is not used any more`);
  }
}
