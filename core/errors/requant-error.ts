// RequantError: the one error that crosses a door. It says what happened, where, and what to do next.
import { ERROR_CODES, isErrorCode, type ErrorCode } from './codes.ts';
import { stacksOf, verboseErrorMessages } from './verbose.ts';

/** Where an error happened. Every part is optional; the most precise known parts are given. */
export interface ErrorPlace {
  readonly file?: string;
  readonly node?: string;
  readonly tensor?: string;
  readonly sample?: number;
}

/** The plain form of an error, for message channels and JSON output. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly where: ErrorPlace;
}

/** An error with a code, a place and a hint. `hint` defaults to the code's row in {@link ERROR_CODES}. */
export class RequantError extends Error {
  override readonly name = 'RequantError';
  readonly code: ErrorCode;
  readonly where: ErrorPlace;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, where: ErrorPlace = {}, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = where;
    this.hint = options.hint ?? ERROR_CODES[code];
  }

  /** One readable line: where, what, and what to do. */
  get line(): string {
    const { file, node, tensor, sample } = this.where;
    const parts = [file, node && `node ${node}`, tensor && `tensor ${tensor}`, sample === undefined ? undefined : `sample ${sample}`];
    const where = parts.filter(Boolean).join(', ');
    return `${where ? `${where}: ` : ''}${this.message} (${this.code}). ${this.hint}`;
  }

  /** The line; after {@link enableVerboseErrorMessages} also where the error arose and what caused it. */
  override toString(): string {
    return verboseErrorMessages() ? `${this.line}\n${stacksOf(this)}` : this.line;
  }

  /** The same error, with the parts of the place that it did not know. */
  within(place: ErrorPlace): RequantError {
    return new RequantError(this.code, this.message, { ...place, ...this.where }, { hint: this.hint, cause: this });
  }

  toPlain(): PlainError {
    return { code: this.code, message: this.message, hint: this.hint, where: this.where };
  }

  static fromPlain(plain: PlainError): RequantError {
    const code = isErrorCode(plain.code) ? plain.code : 'INTERNAL';
    return new RequantError(code, plain.message, plain.where, { hint: plain.hint });
  }

  /** Any thrown thing as a RequantError; what is not one already becomes INTERNAL with its cause kept. */
  static from(thrown: unknown, where: ErrorPlace = {}): RequantError {
    if (thrown instanceof RequantError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new RequantError('INTERNAL', message, where, { cause: thrown });
  }
}
