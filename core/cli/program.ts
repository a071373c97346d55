// The program: a table of commands, the options that all of them share, and what becomes of errors.
import { Command, CommanderError } from 'commander';
import { VERSION } from '../engine/version.ts';
import { RequantError, stacksOf } from '../errors/index.ts';
import type { CliCommand, Engine } from './command.ts';
import { analyze } from './commands/analyze.ts';
import { convert } from './commands/convert.ts';
import { evaluate } from './commands/evaluate.ts';
import { execute } from './commands/execute.ts';
import { exportCommand } from './commands/export.ts';
import { inspect } from './commands/inspect.ts';
import { quantize } from './commands/quantize.ts';
import { serve } from './commands/serve.ts';
import { sweep } from './commands/sweep.ts';
import type { Terminal } from './terminal.ts';

const COMMANDS: readonly CliCommand[] = [inspect, quantize, sweep, convert, evaluate, execute, analyze, exportCommand, serve];

const loadEngine = (): Promise<Engine> => import('../engine/pipeline.ts');

/** The engine, but whoever opens a model with operators that loop as long as the model says can be interrupted all the same. */
async function interruptible(engine: () => Promise<Engine>, { endAtOnce }: Terminal): Promise<Engine> {
  const given = await engine();
  const watched = <T extends { readonly graph: { readonly nodes: readonly { readonly op: string }[] } }>(opened: T): T => {
    if (opened.graph.nodes.some(({ op }) => op === 'island')) endAtOnce?.();
    return opened;
  };
  return { ...given, loadModel: async (...args) => watched(await given.loadModel(...args)), Model: { ...given.Model, load: async (...args) => watched(await given.Model.load(...args)) } };
}

/** Runs one command line and resolves to its exit code: 0 success, 1 failure, 130 cancelled by the user. */
export async function runProgram(argv: readonly string[], terminal: Terminal, engine: () => Promise<Engine> = loadEngine): Promise<number> {
  const program = new Command('requant')
    .description('Quantizes trained networks to exact integers, runs them, and shows the error of every layer.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  for (const definition of COMMANDS) {
    const command = program.command(definition.name).description(definition.summary);
    const run = definition.declare(command);
    command
      .option('--json', 'print one JSON document on standard output and nothing else')
      .option('--verbose', 'print the stack of an error')
      .action(async () => {
        const { json, threads } = command.opts<{ json?: true; threads?: number }>();
        if (threads !== undefined) (await engine()).useThreads(threads);
        await run({
          terminal,
          engine: () => interruptible(engine, terminal),
          report: (document, text) => terminal.out(`${json ? JSON.stringify(document, null, 2) : text()}\n`),
        });
      });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (thrown) {
    // Commander has printed its own message by now.
    if (thrown instanceof CommanderError) return thrown.exitCode;
    const error = RequantError.from(thrown);
    if (error.code === 'CANCELLED') { terminal.err('Cancelled; nothing was changed.\n'); return 130; }
    terminal.err(`${error.line.replace(/\s*\n\s*/g, ' ')}\n`);
    if (argv.includes('--verbose')) terminal.err(`${stacksOf(error)}\n`);
    return 1;
  }
}
