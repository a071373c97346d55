// Verbose error messages: off, an error is one line; on, its printed form goes on with the errors that caused it and where they arose.

let verbose = false;

/** From now on `String(error)` of a RequantError is followed by where it arose and by the errors that caused it. */
export function enableVerboseErrorMessages(enable = true): void {
  verbose = enable;
}

export const verboseErrorMessages = (): boolean => verbose;

/** An error's stack and those of its causes. */
export function stacksOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stacksOf(error.cause)}` : stack;
}
