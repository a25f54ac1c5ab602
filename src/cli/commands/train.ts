import { type Command, Option } from "commander";
import { type Comparison, compare, printComparison } from "../comparison.js";
import {
  addStoppingFlags,
  checkStopping,
  divide,
  type Fitted,
  fitModel,
  type SplitBy,
  type StoppingFlags,
} from "../fit.js";
import { fraction } from "../flag-values.js";
import { addModelFlags, modelOptionsOf } from "../model-flags.js";
import type { Context, OutputOptions } from "../output.js";
import { counted, duration } from "../quantities.js";
import {
  addRatingsFlags,
  csvOptionsOf,
  type RatingsFile,
  type RatingsFlags,
  ratingsDocument,
  readRatings,
} from "../ratings-file.js";
import { shellWord } from "../shell-word.js";

export interface TrainFlags extends RatingsFlags, StoppingFlags, OutputOptions {
  testFraction: number;
  split: SplitBy;
}

const EXAMPLES = `
Examples:
  lowrank train ml-latest-small/ratings.csv
  lowrank train ratings.csv --factors 64 --validation-fraction 0.1 --patience 3
  lowrank train log.txt --separator tab --user-column 0 --item-column 3 --value-column 5
  lowrank train ratings.csv --split time --json > result.json

A tenth of the ratings is held out; from the rest learn a matrix factorisation, a model of biases only (harsh
users, good items) and the mean rating. The table tells how far off each is on what was held out: RMSE and MAE
are in the unit of the ratings, lower is better; R² is 1 for perfect and 0 for no better than the mean.

Next: lowrank evaluate cross-validates; lowrank recommend makes recommendations.`;

export function defineTrain(command: Command): Command {
  command
    .summary("train on ratings and tell the error on those held out")
    .description("Train a matrix factorisation on a file of ratings and tell its error on ratings held out.")
    .argument("<ratings>", "a file of rows: user, item, rating and perhaps a timestamp")
    .optionsGroup("Test:")
    .addOption(
      new Option("--test-fraction <x>", "share of the ratings to test on; 0 for none").default(0.1).argParser(fraction),
    )
    .addOption(
      new Option("--split <by>", "hold out ratings at random, or the latest")
        .choices(["random", "time"])
        .default("random"),
    );
  addStoppingFlags(command);
  addModelFlags(command);
  addRatingsFlags(command);
  return command.addHelpText("after", EXAMPLES);
}

export async function train(path: string, flags: TrainFlags, context: Context): Promise<void> {
  const modelOptions = modelOptionsOf(flags);
  const csvOptions = csvOptionsOf(flags);
  checkStopping(flags);
  const { output } = context;
  const { testFraction, split: splitBy, validationFraction, patience } = flags;
  const file = await readRatings(path, csvOptions, context);
  const { ratings } = file;
  const parts =
    testFraction > 0
      ? divide(ratings, testFraction, splitBy, modelOptions.seed, "--test-fraction")
      : { train: ratings, test: undefined };
  const fitted = await fitModel(parts.train, { modelOptions, validationFraction, patience, splitBy }, context);
  const { test } = parts;
  const comparison = test && (await compare(fitted.model, { train: parts.train, test }));
  if (output.json) output.document(trainDocument(file, flags, fitted, comparison));
  else printResult(file, fitted, comparison, context);
}

function printResult(
  { path }: RatingsFile,
  { model, reports, seconds, trainSize }: Fitted,
  comparison: Comparison | undefined,
  { output }: Context,
): void {
  if (comparison) printComparison(comparison, output);
  const epochs = counted(reports.length, "epoch");
  output.print(`Trained on ${counted(trainSize, "rating")} in ${duration(seconds)}, ${epochs}.`);
  output.note(`Next: lowrank recommend ${shellWord(path)} --user ${shellWord(String(model.users.idAt(0)))}`);
}

function trainDocument(
  file: RatingsFile,
  { testFraction, split: by, validationFraction }: TrainFlags,
  { model, reports, seconds, trainSize, validationSize }: Fitted,
  comparison: Comparison | undefined,
): Record<string, unknown> {
  const sizes = { train: trainSize, validation: validationSize, test: comparison?.model.size ?? 0 };
  return {
    command: "train",
    ratings: ratingsDocument(file),
    split: { by, seed: model.options.seed, testFraction, validationFraction, ...sizes },
    model: { name: "MatrixFactorization", options: model.options },
    epochs: reports,
    evaluation: comparison ?? null,
    seconds: { read: file.seconds, fit: seconds },
  };
}
