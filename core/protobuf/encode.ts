// Message -> bytes, driven by a table of messages. Repeated numbers are packed; absent fields are not written.
import protobuf from 'protobufjs/minimal.js';
import type { MessageOf, ScalarKind, Schema } from './message.ts';

type Writer = protobuf.Writer;

interface Scalar {
  readonly wire: number;
  readonly write: (writer: Writer, value: never) => void;
}

/** A number that stands for an open end (2^63 as a double) is written as the largest int64, not wrapped. */
const clamped = (value: number): string => String(value >= 2 ** 63 ? 2n ** 63n - 1n : value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value)));

const SCALARS: Readonly<Record<ScalarKind, Scalar>> = {
  int32: { wire: 0, write: (w, value: number) => w.int32(value) },
  int64: { wire: 0, write: (w, value: number) => w.int64(Number.isSafeInteger(value) ? value : clamped(value)) },
  exactInt64: { wire: 0, write: (w, value: bigint) => w.int64(String(value)) },
  exactUint64: { wire: 0, write: (w, value: bigint) => w.uint64(String(value)) },
  float: { wire: 5, write: (w, value: number) => w.float(value) },
  double: { wire: 1, write: (w, value: number) => w.double(value) },
  string: { wire: 2, write: (w, value: string) => w.string(value) },
  bytes: { wire: 2, write: (w, value: Uint8Array) => w.bytes(value) },
};

/** The encoder of a format: (message name, message) -> bytes, which read back equal. */
export function encoder<S extends Schema>(schema: S): <N extends keyof S & string>(name: N, message: MessageOf<S, N>) => Uint8Array {
  return (name, message) => {
    const writer = new protobuf.Writer();
    write(writer, schema, name, message);
    return writer.finish();
  };
}

function write(writer: Writer, schema: Schema, name: string, message: Readonly<Record<string, unknown>>): void {
  for (const [key, field] of Object.entries(schema[name] ?? {})) {
    const value = message[key];
    if (value === undefined) continue;
    const [number, kind] = field;
    const list: readonly unknown[] = field.length === 3 ? (value as readonly unknown[]) : [value];
    if (Object.hasOwn(schema, kind)) {
      for (const item of list) {
        writer.uint32((number << 3) | 2).fork();
        write(writer, schema, kind, item as Readonly<Record<string, unknown>>);
        writer.ldelim();
      }
      continue;
    }
    const scalar = SCALARS[kind as ScalarKind];
    if (field.length === 3 && scalar.wire !== 2) {
      if (list.length === 0) continue;
      writer.uint32((number << 3) | 2).fork();
      for (const item of list) scalar.write(writer, item as never);
      writer.ldelim();
    } else {
      for (const item of list) {
        writer.uint32((number << 3) | scalar.wire);
        scalar.write(writer, item as never);
      }
    }
  }
}
