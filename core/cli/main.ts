#!/usr/bin/env node
// The command line's entry: this process's arguments, streams and signals, handed to the program.
import { createCancelToken } from '../engine/cancel.ts';
import { runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const cancel = createCancelToken();
const listeners: (() => void)[] = [];
const interrupt = (): void => {
  // The second Ctrl-C means it: whoever is busy gets no further chance.
  if (cancel.cancelled) process.exit(130);
  cancel.cancel();
  for (const listener of listeners) listener();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// A reader that leaves early (`| head`) is no failure to report.
process.stdout.on('error', () => process.exit(1));

const terminal: Terminal = {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  watched: process.stderr.isTTY,
  cancel,
  onInterrupt: (listener) => { listeners.push(listener); },
  endAtOnce: () => { process.off('SIGINT', interrupt); process.off('SIGTERM', interrupt); },
};

process.exitCode = await runProgram(process.argv.slice(2), terminal);
