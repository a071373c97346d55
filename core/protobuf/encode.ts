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

/** The encoder of a format: (message name, message) -> bytes, which read back equal. They lie in memory that `allocate` gives. */
export function encoder<S extends Schema>(schema: S): <N extends keyof S & string>(name: N, message: MessageOf<S, N>, allocate?: (bytes: number) => Uint8Array) => Uint8Array {
  return (name, message, allocate = (bytes) => new Uint8Array(bytes)) => {
    const { done, length } = written(schema, name, message);
    const out = allocate(length);
    let at = 0;
    for (const part of done) { out.set(part, at); at += part.length; }
    return out;
  };
}

/** Bytes from here on are not copied until the end: weights are most of a model, and a writer moves what it holds as it grows and as each message ends. */
const LARGE = 4096;

/** A message in parts. */
interface Written {
  readonly done: readonly Uint8Array[];
  readonly length: number;
}

function written(schema: Schema, name: string, message: Readonly<Record<string, unknown>>): Written {
  const done: Uint8Array[] = [];
  let length = 0;
  let writer = new protobuf.Writer();
  const push = (part: Uint8Array): void => { done.push(part); length += part.length; };
  const settle = (): void => {
    const part = writer.finish(true);
    if (part.length > 0) { push(part); writer = new protobuf.Writer(); }
  };
  const append = (parts: Written): void => {
    writer.uint32(parts.length);
    settle();
    parts.done.forEach(push);
  };
  for (const [key, field] of Object.entries(schema[name] ?? {})) {
    const value = message[key];
    if (value === undefined) continue;
    const [number, kind] = field;
    const list: readonly unknown[] = field.length === 3 ? (value as readonly unknown[]) : [value];
    if (Object.hasOwn(schema, kind)) {
      for (const item of list) {
        writer.uint32((number << 3) | 2);
        const inner = written(schema, kind, item as Readonly<Record<string, unknown>>);
        // A message is written as its bytes are.
        if (inner.length < LARGE) writer.bytes(inner.done[0] ?? NOTHING);
        else append(inner);
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
        if (item instanceof Uint8Array && item.length >= LARGE) append({ done: [item], length: item.length });
        else scalar.write(writer, item as never);
      }
    }
  }
  settle();
  return { done, length };
}
const NOTHING = new Uint8Array(0);
