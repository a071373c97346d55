// Logging: what a call says while it works, by level. Levels and their meaning are those of Python's logging, which the source document uses.

/** How much a call says: messages of this level and above. NOTSET leaves the default, WARNING. Numbers are those of Python's logging. */
export const LogLevel = { NOTSET: 0, DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Where messages go. */
export interface Logger {
  /** One message, one line, without a time. Must not throw. */
  log(level: LogLevel, message: string): void;
}

/** What a call says while it works. */
export interface LogOptions {
  /** Messages below this level are not made. NOTSET, the default, means WARNING. */
  readonly logLevel?: LogLevel;
  /** Where messages go; standard error where absent. */
  readonly logger?: Logger;
}

const NAMES = new Map<LogLevel, string>(Object.entries(LogLevel).map(([name, level]) => [level, name]));
const standardError: Logger = { log: (level, message) => { process.stderr.write(`${NAMES.get(level) ?? level} ${message}\n`); } };

/** The function that one call logs with. The message is made only where it will be read. */
export function logWith({ logLevel = LogLevel.NOTSET, logger = standardError }: LogOptions): (level: LogLevel, message: () => string) => void {
  const least = logLevel === LogLevel.NOTSET ? LogLevel.WARNING : logLevel;
  return (level, message) => { if (level >= least) logger.log(level, message()); };
}
