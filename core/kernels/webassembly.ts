// The part of WebAssembly that the kernels need, typed: the compiler's own types of it come with the browser's, which core/ does not have.

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Raises RangeError beyond the maximum. */
  grow(pages: number): number;
}
export type Module = object;

interface Api {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number; readonly shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module, imports: { readonly env: { readonly memory: SharedMemory } }) => { readonly exports: unknown };
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
