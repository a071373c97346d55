export { enableVerboseErrorMessages, stacksOf } from './verbose.ts';
export { ERROR_CODES, isErrorCode, type ErrorCode } from './codes.ts';
export { RequantError, type ErrorPlace, type PlainError } from './requant-error.ts';
