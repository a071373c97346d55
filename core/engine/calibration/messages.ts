// What the calibrating thread and those that observe for it say to one another. Both ends are ours and start together, so the types are the check.
import type { ObservedValue, ValuePart } from '../../calibrate/index.ts';
import type { PlainError } from '../../errors/index.ts';
import type { FloatProgram } from '../../execute/index.ts';
import type { NamedValues } from '../../tensor/tensor.ts';

/** What a thread is started with; the program's bytes are in shared memory. */
export interface ThreadData {
  readonly program: FloatProgram;
  /** Threads of its ONNX Runtime session. */
  readonly threads: number;
}

/** A value as the float network gives it. */
export interface ShapedValue extends ObservedValue {
  readonly shape: readonly number[];
}

export type ToThread =
  /** A new calibration: what was observed before is forgotten. */
  | { readonly kind: 'begin'; readonly values: readonly ShapedValue[]; readonly factors?: ReadonlyMap<string, Float64Array> }
  | { readonly kind: 'observe'; readonly sample: NamedValues; readonly index: number }
  | { readonly kind: 'parts' }
  | { readonly kind: 'end' };

/** `begin`, `observe` and `parts` are answered in order, one answer each; the first answer says that the thread is ready. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'observed'; readonly extremes: Float64Array }
  | { readonly kind: 'parts'; readonly parts: readonly ValuePart[] }
  | { readonly kind: 'failed'; readonly error: PlainError };
