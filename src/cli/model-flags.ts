/** The options of the models as flags. Names, defaults and rules are the library's; only the help is written here. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type {
  AlternatingLeastSquaresOptions,
  AutoRecOptions,
  ImplicitALSOptions,
  MatrixFactorizationOptions,
} from "../index.js";
import { checkedUsage, UsageError } from "./failure.js";
import { kebabCase, listed } from "./flag-words.js";
import type { GivenFlag } from "./output.js";
import { ALL_MODELS, MODEL_KINDS, type ModelKind, type ModelName, type TrainableModel } from "./trainable-models.js";

export interface ModelFlags {
  model: ModelName;
}

/** A model that is to be trained, its options checked. */
export interface ChosenModel {
  kind: ModelKind;
  options: TrainableModel["options"];
  create(): TrainableModel;
}

type OptionName =
  | keyof MatrixFactorizationOptions
  | keyof AlternatingLeastSquaresOptions
  | keyof AutoRecOptions
  | keyof ImplicitALSOptions;

interface FlagHelp {
  /** What help calls the value; none for a switch. */
  value?: string;
  help: string;
}

/** One line an option, in the order of the help. An option of the library that is missing here does not compile. */
const FLAGS: Record<OptionName, FlagHelp> = {
  factors: { value: "n", help: "numbers that describe each user and item; more for large data" },
  epochs: { value: "n", help: "rounds over the training data" },
  regularization: { value: "x", help: "pull of what is learned to zero at each row of data; more for noisy data" },
  initialScale: { value: "x", help: "length of a row of factors, or of output weights, before training" },
  seed: { value: "n", help: "of the split and of what a training starts from: the same seed gives the same result" },
  threads: { value: "n", help: "0 for one per core; the result is the same with any number" },
  reproducible: { help: "the same bits on any engine and processor, a little slower" },
  damping: { value: "x", help: "the same pull, once a user or item: restrains those of few ratings" },
  biasRegularization: { value: "x", help: "the same as --regularization, for biases" },
  biasDamping: { value: "x", help: "the same as --damping, for biases" },
  biases: { help: "no harsh users and no good items: factors alone" },
  globalMean: { help: "do not take the mean rating off first" },
  clip: { help: "let predictions leave the range of the ratings" },
  optimizer: { value: "name", help: "mf: sgd (fastest), adagrad or adam; autorec: adam, sgd or rprop" },
  learningRate: { value: "rate|auto", help: "of a step in units of the ratings' spread; auto by optimizer and epochs" },
  learningRateSchedule: { value: "name", help: "constant, linear (falls to 0) or auto" },
  orientation: { value: "name", help: "item completes the ratings of an item from those given, user those of a user" },
  hidden: { value: "n", help: "units of the hidden layer; more for large data" },
  activation: { value: "name", help: "of the hidden units: sigmoid, tanh, relu or identity" },
  outputActivation: { value: "name", help: "identity; sigmoid or tanh, within the ratings' range; relu, not below it" },
  batchSize: { value: "n|auto", help: "items, or users, of a step; auto suits the size of the data" },
  momentum: { value: "x", help: "of sgd: the share of the last step that is taken again" },
  dropout: { value: "x", help: "share of the hidden units that are left out at random in a step" },
  centering: { value: "name", help: "what is taken off ratings first: biases (and the mean), mean or none" },
  nonNegative: { help: "no factor below 0, so that they can be read as parts" },
  tolerance: { value: "x", help: "stop when an epoch lowers the objective by less than this share; 0 for never" },
  confidence: { value: "name", help: "from a row's value to its weight: log, linear, or given as it is" },
  alpha: { value: "x", help: "scale of log and linear: more makes what was observed weigh more" },
  epsilon: { value: "x|auto", help: "of log: the value from which on more counts less; auto is the median" },
  unobservedWeight: { value: "x", help: "weight of a pair that was not observed" },
  observedLoss: { value: "name", help: "an observed pair's loss is added to that, raised above it, or replaced" },
  regularizationExponent: { value: "x", help: "how much more those of many interactions are pulled; 0 for all alike" },
  countUnobserved: { help: "what was not observed does not count in that" },
  solver: { value: "name", help: "cholesky (exact), conjugateGradient, subspace or gradientDescent" },
  steps: { value: "n", help: "of conjugateGradient, for each user and item" },
  blockSize: { value: "n", help: "of subspace: factors solved for at once" },
};

const OPTION_NAMES = Object.keys(FLAGS) as OptionName[];

/** The heading of the flags that all models have; those of some models begin like it. */
const HEADING = "Model";

/** Whether help puts a flag under a heading of the models. */
export function isOfModel({ group }: GivenFlag): boolean {
  return group.startsWith(HEADING);
}

/** Adds `--model` and a flag for every option of the models that are offered, grouped by who has it. */
export function addModelFlags(command: Command, offered: readonly ModelName[] = ALL_MODELS): Command {
  const help = offered.includes("implicit-als")
    ? "mf, als and autorec predict ratings; implicit-als ranks what was clicked, played or bought"
    : "by gradient descent, by alternating least squares, or an autoencoder";
  command.optionsGroup(`${HEADING}:`).addOption(
    new Option("--model <name>", help)
      .choices(offered)
      .default("mf" satisfies ModelName)
      .argParser((name) => offeredName(name, offered)),
  );
  for (const name of OPTION_NAMES) {
    const owners = ownersOf(name, offered);
    if (owners.length === 0) continue;
    command.optionsGroup(owners.length === offered.length ? `${HEADING}:` : `${HEADING} ${listed(owners, "or")}:`);
    command.addOption(flagOf(name, owners));
  }
  return command;
}

function offeredName(text: string, offered: readonly ModelName[]): ModelName {
  const name = offered.find((each) => each === text);
  if (name !== undefined) return name;
  if (!ALL_MODELS.some((each) => each === text)) throw new InvalidArgumentError(`must be one of ${offered.join(", ")}`);
  throw new InvalidArgumentError(`must be ${listed(offered, "or")}, as there are no ranking metrics yet`);
}

function ownersOf(name: string, among: readonly ModelName[]): ModelName[] {
  return among.filter((model) => Object.hasOwn(MODEL_KINDS[model].defaults, name));
}

function flagOf(name: OptionName, owners: readonly ModelName[]): Option {
  const { value, help } = FLAGS[name];
  const flag = kebabCase(name);
  const standards = owners.map((model) => (MODEL_KINDS[model].defaults as Record<string, unknown>)[name]);
  const [standard] = standards;
  if (standard === true) return new Option(`--no-${flag}`, help);
  if (standard === false) return new Option(`--${flag}`, help).default(false);
  const option = new Option(`--${flag} <${value}>`, help).argParser(numberOrText);
  if (standards.every((each) => each === standard)) return option.default(standard);
  const values = [...new Set(standards)].map((each) => {
    const having = owners.filter((_, at) => standards[at] === each);
    return `${listed(having, "and")} ${each}`;
  });
  return option.default(undefined, values.join(", "));
}

/** The library checks values, so that its rules are told; a text that is no number goes to it as it is. */
function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

/**
 * The model that a command's flags ask for.
 * @throws {UsageError} if an option breaks the library's rule, or belongs to other models among those that are offered
 */
export function chosenModel(
  flags: ModelFlags,
  given: readonly GivenFlag[],
  offered: readonly ModelName[] = ALL_MODELS,
): ChosenModel {
  const kind = MODEL_KINDS[flags.model];
  for (const name of OPTION_NAMES) {
    if (Object.hasOwn(kind.defaults, name)) continue;
    const stray = given.find(({ flag }) => flag.replace(/^--(no-)?/, "") === kebabCase(name));
    if (stray === undefined) continue;
    const owners = listed(ownersOf(name, offered), "or");
    throw new UsageError(`${stray.flag} is for --model ${owners}, got --model ${kind.name}`);
  }
  const values = flags as ModelFlags & Record<string, unknown>;
  const options = Object.fromEntries(Object.keys(kind.defaults).map((name) => [name, values[name]]));
  const create = (): TrainableModel => new kind.Class(options);
  return { kind, options: checkedUsage(() => create().options), create };
}
