// What the trainer and its threads say to each other. The numbers themselves are in shared memory.

export interface WorkerSetup {
  readonly values: SharedArrayBuffer;
  /** This thread's own gradients. */
  readonly gradients: SharedArrayBuffer;
}
/** Draw pictures `from` to `from + count` of the set `train`, and leave their gradients. */
export interface Order { readonly from: number; readonly count: number }
export interface Outcome { readonly loss: number; readonly correct: number }
