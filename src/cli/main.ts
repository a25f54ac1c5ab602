#!/usr/bin/env node
/** The command line `lowrank`: runs what it is told and ends with the right exit code. */
import { CommanderError } from "commander";
import { ENDING_SIGNALS, exitCodeOf, Interrupted, messageOf, reasonOf } from "./failure.js";
import { buildProgram, COMMANDS } from "./program.js";

const WRONG_USAGE = 2;

/** Ends quietly when nobody reads on, as in `lowrank … | head -1`. */
function endOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    complain(`cannot write the output: ${reasonOf(error)}`, error);
    process.exit(1);
  });
}

/** The first Ctrl-C ends the work in good order, a second one at once. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of Object.keys(ENDING_SIGNALS) as (keyof typeof ENDING_SIGNALS)[]) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  return controller.signal;
}

function report(error: unknown): void {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === "commander.help") return; // --help and --version have spoken
    process.exitCode = WRONG_USAGE;
    const command = COMMANDS.find((name) => name === process.argv[2]);
    const text = usageText(messageOf(error));
    const see = text.endsWith("?") ? " See" : "; see";
    complain(`${text}${see} lowrank ${command ? `${command} ` : ""}--help`, error);
    return;
  }
  process.exitCode = exitCodeOf(error);
  if (process.exitCode === 0) return;
  complain(messageOf(error), error);
}

/** Commander's messages in the form of all others: what, the rule, what was got. */
function usageText(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(/^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/, '$1 $3, got "$2"')
    .replace(/ Allowed choices are (.*)\.,/, " must be one of $1,")
    .replace(/ \(Did you mean (.*)\)$/, "; did you mean $1")
    .replace(/[.]$/, "");
}

function complain(line: string, error: unknown): void {
  process.stderr.write(`lowrank: ${line}\n`);
  const isWanted = process.argv.includes("--debug") || Boolean(process.env.DEBUG);
  if (isWanted && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (isWanted && error instanceof Error && error.cause instanceof Error) {
    process.stderr.write(`caused by ${error.cause.stack}\n`);
  }
}

async function main(): Promise<void> {
  endOnBrokenPipe(process.stdout);
  endOnBrokenPipe(process.stderr);
  const program = buildProgram(abortOnSignals());
  try {
    if (process.argv.length <= 2) program.outputHelp();
    else await program.parseAsync();
  } catch (error) {
    report(error);
  }
}

await main();
