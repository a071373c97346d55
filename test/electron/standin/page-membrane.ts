// contextBridge between a page's two worlds. Runs in the page, in each world once, as text; functions cross as numbers,
// objects arrive frozen, errors keep only their message. Uses nothing from outside itself.

export interface Membrane { expose(name: string, api: unknown): void }
type Crossing = { f: number } | { p: number } | { a: Crossing[] } | { o: Record<string, Crossing> } | { e: string } | { v: unknown };
type Signal =
  | { t: 'call'; f: number; a: Crossing[] } | { t: 'return'; r: Crossing } | { t: 'throw'; e: string }
  | { t: 'resolve'; p: number; r: Crossing } | { t: 'reject'; p: number; e: string } | { t: 'expose'; name: string; api: Crossing };

export function makeMembrane(secret: string, here: 'main' | 'isolated'): Membrane {
  const there = here === 'main' ? 'isolated' : 'main';
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const known = new WeakMap<object, number>();
  const promises = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let answer: Signal | undefined;
  // Taken now, before a page can replace them. The event's detail is cloned on its way to the other world.
  const dispatch = window.dispatchEvent.bind(window);
  const Carrier = CustomEvent;
  const signal = (detail: Signal): void => { dispatch(new Carrier(secret + there, { detail })); };
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

  const cross = (value: unknown): Crossing => {
    if (typeof value === 'function') {
      const f = known.get(value) ?? ++last;
      known.set(value, f);
      functions.set(f, value as (...args: unknown[]) => unknown);
      return { f };
    }
    if (value instanceof Promise) {
      const p = ++last;
      value.then((result) => signal({ t: 'resolve', p, r: cross(result) }), (error: unknown) => signal({ t: 'reject', p, e: messageOf(error) }));
      return { p };
    }
    if (Array.isArray(value)) return { a: value.map(cross) };
    if (value instanceof Error) return { e: value.message };
    if (Object.prototype.toString.call(value) === '[object Object]') return { o: Object.fromEntries(Object.entries(value as object).map(([k, x]) => [k, cross(x)])) };
    return { v: value };
  };
  const arrive = (crossing: Crossing): unknown => {
    if ('f' in crossing) return (...args: unknown[]) => call(crossing.f, args);
    if ('p' in crossing) return new Promise((resolve, reject) => promises.set(crossing.p, { resolve, reject }));
    if ('a' in crossing) return Object.freeze(crossing.a.map(arrive));
    if ('o' in crossing) return Object.freeze(Object.fromEntries(Object.entries(crossing.o).map(([k, x]) => [k, arrive(x)])));
    if ('e' in crossing) return new Error(crossing.e);
    return crossing.v;
  };
  const call = (f: number, args: unknown[]): unknown => {
    answer = undefined;
    signal({ t: 'call', f, a: args.map(cross) });
    const got = answer as Signal | undefined;
    answer = undefined;
    if (got?.t === 'return') return arrive(got.r);
    throw new Error(got?.t === 'throw' ? got.e : 'The other world is gone.');
  };
  const receive = (got: Signal): void => {
    switch (got.t) {
      case 'call':
        try { signal({ t: 'return', r: cross(functions.get(got.f)?.(...got.a.map(arrive))) }); }
        catch (error) { signal({ t: 'throw', e: messageOf(error) }); }
        return;
      case 'return': case 'throw': answer = got; return;
      case 'resolve': promises.get(got.p)?.resolve(arrive(got.r)); promises.delete(got.p); return;
      case 'reject': promises.get(got.p)?.reject(new Error(got.e)); promises.delete(got.p); return;
      case 'expose':
        if (Object.hasOwn(window, got.name)) return signal({ t: 'throw', e: 'Cannot bind an API on top of an existing property on the window object' });
        Object.defineProperty(window, got.name, { value: arrive(got.api), enumerable: true });
        signal({ t: 'return', r: { v: undefined } });
    }
  };
  window.addEventListener(secret + here, (event) => receive((event as CustomEvent<Signal>).detail));

  return {
    expose: (name, api) => {
      answer = undefined;
      signal({ t: 'expose', name, api: cross(api) });
      const got = answer as Signal | undefined;
      answer = undefined;
      if (got?.t !== 'return') throw new Error(got?.t === 'throw' ? got.e : 'The page\'s own world is not ready.');
    },
  };
}

/** In the page's own world: Electron loses a message whose transfer list holds anything but ports (electron 34905). */
export function refuseTransfers(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own receiver below
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, second?: Transferable[] | StructuredSerializeOptions): void {
    const transfer = (Array.isArray(second) ? second : second?.transfer) ?? [];
    if (transfer.some((item) => !(item instanceof MessagePort))) throw new Error('Electron loses a message whose transfer list holds an ArrayBuffer (electron 34905).');
    post.call(this, message, { transfer });
  };
}
