/** Names, flags and help of all commands. */
import { Command, Option } from "commander";
import { version } from "../../package.json";
import { defineDownload, download } from "./commands/download.js";
import { defineEvaluate, evaluate } from "./commands/evaluate.js";
import { defineInfo, info } from "./commands/info.js";
import { defineRecommend, recommend } from "./commands/recommend.js";
import { defineSimilar, similar } from "./commands/similar.js";
import { defineTrain, train } from "./commands/train.js";
import { type Context, type GivenFlag, Output, type OutputOptions } from "./output.js";

const ABOUT = `Recommendations from ratings, or from clicks, plays and purchases: factor models and an autoencoder on all cores.

A file of ratings has a row for each: user, item, rating and perhaps a timestamp, with any separator.
train --save writes a model to a file; recommend, similar and info read it, and so does load() in TypeScript.`;

const FIRST_STEPS = `
First steps:
  lowrank download ml-latest-small
  lowrank train ml-latest-small/ratings.csv --save movies.safetensors
  lowrank recommend movies.safetensors --user 1 --titles ml-latest-small/movies.csv

From clicks, plays or purchases, a row for each user and item and perhaps how often:
  lowrank train plays.csv --model implicit-als --save songs.safetensors

lowrank <command> --help has the flags and examples of a command. Exit codes: 0 done, 1 an error of the data or of
the training, 2 wrong usage, 130 interrupted. NO_COLOR in the environment leaves colours out.`;

/** In the order of the help. */
export const COMMANDS = ["train", "evaluate", "recommend", "similar", "info", "download"] as const;

type Action<Flags> = (argument: string, flags: Flags, context: Context) => Promise<void>;

/** The whole command line; a command that is named runs with `signal`. */
export function buildProgram(signal: AbortSignal): Command {
  const program = new Command("lowrank")
    .description(ABOUT)
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    .addHelpText("after", FIRST_STEPS)
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 110, 110), optionDescription: describeOption })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  const add = <Flags extends OutputOptions>(
    name: (typeof COMMANDS)[number],
    define: (command: Command) => Command,
    run: Action<Flags>,
  ) => {
    const command = define(program.command(name));
    command
      .optionsGroup("Output:")
      .option("--quiet", "no notes and no progress")
      .option("--debug", "show where an error comes from (so does DEBUG in the environment)")
      .addHelpOption(new Option("--help", "print this help").helpGroup("Output:"));
    command.action((argument: string, flags: Flags) =>
      run(argument, flags, { output: new Output(flags), signal, given: givenFlags(command) }),
    );
  };
  add("train", (command) => withJson(defineTrain(command)), train);
  add("evaluate", (command) => withJson(defineEvaluate(command)), evaluate);
  add("recommend", (command) => withJson(defineRecommend(command)), recommend);
  add("similar", (command) => withJson(defineSimilar(command)), similar);
  add("info", (command) => withJson(defineInfo(command)), info);
  add("download", defineDownload, download);
  return program;
}

function withJson(command: Command): Command {
  return command.optionsGroup("Output:").option("--json", "print one JSON document; notes and progress go to stderr");
}

function givenFlags(command: Command): GivenFlag[] {
  const isGiven = (option: Option): boolean => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === "cli" && (command.getOptionValue(name) === false) === option.negate;
  };
  return command.options
    .filter(isGiven)
    .map(({ long, helpGroupHeading }) => ({ flag: long!, group: helpGroupHeading ?? "" }));
}

/** Choices and the default behind what an option does, without quotes; switches are off, so that need not be said. */
function describeOption({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const notes: string[] = [];
  if (argChoices) notes.push(argChoices.join(", "));
  const standard = defaultValueDescription ?? defaultValue;
  if (standard !== undefined && typeof standard !== "boolean") notes.push(`default: ${standard}`);
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}
