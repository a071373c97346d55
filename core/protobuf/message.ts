// Tables of protobuf messages, as data: a format lists its messages, and their TypeScript types follow from the table.
// A field is [number, kind] or [number, kind, 'repeated']; a kind is a scalar or the name of a message of the same table.

/**
 * `int64` becomes a number (beyond 2^53 only good for clamping); `exactInt64` and `exactUint64` become bigint. Enumerations and bools
 * are read as `int32`.
 */
export type ScalarKind = 'int32' | 'int64' | 'exactInt64' | 'exactUint64' | 'float' | 'double' | 'string' | 'bytes';
export type Field = readonly [number: number, kind: string] | readonly [number: number, kind: string, repeated: 'repeated'];
export type Schema = Readonly<Record<string, Readonly<Record<string, Field>>>>;

interface ScalarOf {
  int32: number; int64: number; exactInt64: bigint; exactUint64: bigint;
  float: number; double: number; string: string; bytes: Uint8Array;
}
type Single<S extends Schema, K> = K extends keyof ScalarOf ? ScalarOf[K] : K extends keyof S ? MessageOf<S, K> : never;
type FieldValue<S extends Schema, F> =
  F extends readonly [number, infer K, 'repeated'] ? readonly Single<S, K>[] : F extends readonly [number, infer K] ? Single<S, K> : never;
/** A message as plain data. Every field may be absent; an empty repeated field is. */
export type MessageOf<S extends Schema, N extends keyof S> = { readonly [F in keyof S[N]]?: FieldValue<S, S[N][F]> };
