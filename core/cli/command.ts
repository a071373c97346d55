// CliCommand: one command of the command line, as its file in commands/ declares it and as it meets the engine.
import type { Command } from 'commander';
import type * as pipeline from '../engine/pipeline.ts';
import type { Terminal } from './terminal.ts';

/** Loaded only when a command runs, so that --help is quick. */
export type Engine = typeof pipeline;

export interface CommandContext {
  readonly terminal: Terminal;
  readonly engine: () => Promise<Engine>;
  /** Prints the command's one result: `document` as JSON with --json, else `text`. */
  readonly report: (document: unknown, text: () => string) => void;
}

export interface CliCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Declares arguments and options; returns what runs the command once they are parsed. */
  readonly declare: (command: Command) => (context: CommandContext) => Promise<void>;
}
