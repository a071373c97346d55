// Structured clone as JSON-safe trees, for the wire between Node and a page. Runs in Node, and as text in the page, so
// `makeClone` uses nothing from outside itself.

export interface Clone {
  /** Throws a DataCloneError's message for what the platform could not clone either. */
  encode(value: unknown): unknown;
  decode(tree: unknown): unknown;
}

export function makeClone(): Clone {
  type Tagged = { $: string; v?: unknown; n?: string };
  const arrays: Record<string, new (buffer: ArrayBuffer) => ArrayBufferView> = {
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array,
  };
  const toText = (bytes: Uint8Array): string => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  const toBytes = (text: string): ArrayBuffer => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;

  const encode = (value: unknown, above: readonly unknown[]): unknown => {
    if (value === undefined) return { $: 'undefined' };
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value === 'bigint') return { $: 'bigint', v: String(value) };
    if (typeof value !== 'object') throw new Error('An object could not be cloned.');
    if (above.includes(value)) throw new Error('The stand-in does not carry cyclic values.');
    const within = [...above, value];
    const each = (items: Iterable<unknown>): unknown[] => [...items].map((item) => encode(item, within));
    if (Array.isArray(value)) return each(value);
    if (ArrayBuffer.isView(value)) {
      const name = Object.prototype.toString.call(value).slice(8, -1);
      return { $: 'array', n: name, v: toText(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    }
    switch (Object.prototype.toString.call(value).slice(8, -1)) {
      case 'ArrayBuffer': return { $: 'buffer', v: toText(new Uint8Array(value as ArrayBuffer)) };
      case 'Date': return { $: 'date', v: (value as Date).getTime() };
      case 'Map': return { $: 'map', v: each(value as Map<unknown, unknown>) };
      case 'Set': return { $: 'set', v: each(value as Set<unknown>) };
      case 'Error': return { $: 'error', n: (value as Error).name, v: (value as Error).message };
      case 'Object': return { $: 'object', v: each(Object.entries(value)) };
      default: throw new Error('An object could not be cloned.');
    }
  };

  const decode = (tree: unknown): unknown => {
    if (tree === null || typeof tree !== 'object') return tree;
    if (Array.isArray(tree)) return tree.map(decode);
    const { $: kind, v, n } = tree as Tagged;
    const items = (): unknown[] => (v as unknown[]).map(decode);
    switch (kind) {
      case 'undefined': return undefined;
      case 'number': return Number(v);
      case 'bigint': return BigInt(v as string);
      case 'buffer': return toBytes(v as string);
      case 'array': {
        const Type = arrays[n ?? ''];
        if (!Type) throw new Error(`The stand-in does not carry ${n ?? 'this'}.`);
        return new Type(toBytes(v as string));
      }
      case 'date': return new Date(v as number);
      case 'map': return new Map(items() as [unknown, unknown][]);
      case 'set': return new Set(items());
      case 'error': return Object.assign(new Error(v as string), { name: n });
      case 'object': return Object.fromEntries(items() as [string, unknown][]);
      default: throw new Error(`A damaged message: ${kind}`);
    }
  };
  return { encode: (value) => encode(value, []), decode };
}
