/** The options of the model as flags. Names, defaults and rules are the library's; only the help is written here. */
import { type Command, Option } from "commander";
import { MATRIX_FACTORIZATION_DEFAULTS, MatrixFactorization, type MatrixFactorizationOptions } from "../index.js";
import { checkedUsage } from "./failure.js";
import { kebabCase } from "./flag-words.js";

type OptionName = keyof MatrixFactorizationOptions;

interface FlagHelp {
  /** What help calls the value; none for a switch. */
  value?: string;
  help: string;
}

/** One line an option, in the order of the help. An option of the library that is missing here does not compile. */
const FLAGS: Record<OptionName, FlagHelp> = {
  factors: { value: "n", help: "numbers that describe each user and item; more for large data" },
  epochs: { value: "n", help: "passes over the training ratings" },
  optimizer: { value: "name", help: "sgd (fastest), adagrad or adam" },
  learningRate: { value: "rate|auto", help: "size of a step, in units of the ratings' spread; auto suits the epochs" },
  learningRateSchedule: { value: "name", help: "constant, linear (falls to 0) or auto" },
  regularization: { value: "x", help: "pull of factors to zero at each rating; more for noisy data" },
  damping: { value: "x", help: "pull of factors to zero once a user or item: restrains those of few ratings" },
  biasRegularization: { value: "x", help: "the same as --regularization, for biases" },
  biasDamping: { value: "x", help: "the same as --damping, for biases" },
  biases: { help: "no harsh users and no good items: factors alone" },
  globalMean: { help: "do not take the mean rating off first" },
  initialScale: { value: "x", help: "length of a row of factors before training" },
  clip: { help: "let predictions leave the range of the ratings" },
  seed: { value: "n", help: "of the split and of the factors: the same seed gives the same result" },
  threads: { value: "n", help: "0 for one per core; the result is the same with any number" },
  reproducible: { help: "the same bits on any engine and processor, a little slower" },
};

export const MODEL_OPTION_NAMES = Object.keys(FLAGS) as OptionName[];

/** Adds a flag for every option of `MatrixFactorization`. */
export function addModelFlags(command: Command): Command {
  command.optionsGroup("Model:");
  for (const name of MODEL_OPTION_NAMES) {
    const { value, help } = FLAGS[name];
    const standard = MATRIX_FACTORIZATION_DEFAULTS[name];
    const flag = kebabCase(name);
    if (standard === true) command.addOption(new Option(`--no-${flag}`, help));
    else if (standard === false) command.addOption(new Option(`--${flag}`, help).default(false));
    else command.addOption(new Option(`--${flag} <${value}>`, help).default(standard).argParser(numberOrText));
  }
  return command;
}

/** The library checks values, so that its rules are told; a text that is no number goes to it as it is. */
function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

/** The model's options from a command's flags. @throws {UsageError} if one breaks the library's rule. */
export function modelOptionsOf(flags: object): MatrixFactorizationOptions {
  const options = Object.fromEntries(
    MODEL_OPTION_NAMES.map((name) => [name, (flags as Record<string, unknown>)[name]]),
  );
  return checkedUsage(() => new MatrixFactorization(options as Partial<MatrixFactorizationOptions>).options);
}
