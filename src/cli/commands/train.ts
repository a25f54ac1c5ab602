import { type Command, Option } from "commander";
import { type Comparison, compare, printComparison } from "../comparison.js";
import { UsageError } from "../failure.js";
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
import { listed } from "../flag-words.js";
import { addModelFlags, chosenModel, type ModelFlags } from "../model-flags.js";
import type { Context, OutputOptions } from "../output.js";
import { bytes, counted, duration, objectiveSize } from "../quantities.js";
import {
  addRatingsFlags,
  csvOptionsOf,
  type RatingsFile,
  type RatingsFlags,
  ratingsDocument,
  readRatings,
} from "../ratings-file.js";
import { addSaveFlags, checkSaving, type SavedModel, type SaveFlags, saveModel } from "../saving.js";
import { shellWord } from "../shell-word.js";
import { type ModelKind, RATING_MODELS, type TrainingReport } from "../trainable-models.js";

export interface TrainFlags extends RatingsFlags, ModelFlags, StoppingFlags, SaveFlags, OutputOptions {
  testFraction: number;
  split: SplitBy;
}

const EXAMPLES = `
Examples:
  lowrank train ml-latest-small/ratings.csv
  lowrank train ratings.csv --test-fraction 0 --save movies.safetensors
  lowrank train ratings.csv --factors 64 --validation-fraction 0.1 --patience 3
  lowrank train ratings.csv --model als --factors 64
  lowrank train ratings.csv --model autorec --orientation user --validation-fraction 0.1 --patience 3
  lowrank train plays.csv --model implicit-als --duplicates sum --save songs.safetensors
  lowrank train log.txt --separator tab --user-column 0 --item-column 3 --value-column 5
  lowrank train ratings.csv --split time --json > result.json

A tenth of the ratings is held out; from the rest learn the model, a model of biases only (harsh users, good
items) and the mean rating. The table tells how far off each is on what was held out: RMSE and MAE are in the
unit of the ratings, lower is better; R² is 1 for perfect and 0 for no better than the mean.

--model mf is a matrix factorisation by gradient descent, als the same by alternating least squares: few epochs, no
learning rate. autorec is an autoencoder with one hidden layer, which is slower to train. implicit-als learns from
what people did: clicks, plays, purchases. A row's value is how often or how long, 1 without such a column; 0 and
less is dislike. It predicts no ratings, so that there is no error to tell: it learns from all rows, and the
objective, which it brings down, says how far it has come. Ranking metrics are not there yet.

--save writes the very model that the table is about: it has not learned from what was held out to test or to
validate on, and so does not know that a user has rated that. --test-fraction 0 tests nothing and learns from all.

Next: lowrank evaluate cross-validates; lowrank recommend makes recommendations.`;

export function defineTrain(command: Command): Command {
  command
    .summary("train on ratings, tell the error on those held out, save the model")
    .description("Train a model on a file of ratings, tell its error on ratings held out, and save it.")
    .argument("<ratings>", "a file of rows: user, item, rating or count, and perhaps a timestamp")
    .optionsGroup("Test:")
    .addOption(
      new Option("--test-fraction <x>", "share of the ratings to test on; 0 for none")
        .default(0.1, "0.1, implicit-als 0")
        .argParser(fraction),
    )
    .addOption(
      new Option("--split <by>", "hold out ratings at random, or the latest")
        .choices(["random", "time"])
        .default("random"),
    );
  addSaveFlags(command);
  addStoppingFlags(command);
  addModelFlags(command);
  addRatingsFlags(command);
  return command.addHelpText("after", EXAMPLES);
}

export async function train(path: string, flags: TrainFlags, context: Context): Promise<void> {
  const chosen = chosenModel(flags, context.given);
  const { kind, options } = chosen;
  const csvOptions = csvOptionsOf(flags, kind);
  checkHeldOut(kind, flags, context);
  checkStopping(flags);
  await checkSaving(flags, [path]);
  const { output } = context;
  const { split: splitBy, validationFraction, patience } = flags;
  const testFraction = kind.predictsRatings ? flags.testFraction : 0;
  const file = await readRatings(path, csvOptions, context, kind.words);
  const { ratings } = file;
  const parts =
    testFraction > 0
      ? divide(ratings, testFraction, splitBy, options.seed, "--test-fraction")
      : { train: ratings, test: undefined };
  const fitted = await fitModel(parts.train, { chosen, validationFraction, patience, splitBy }, context);
  const { test } = parts;
  const comparison = test && (await compare(fitted.model, { train: parts.train, test }));
  const saved = await saveModel(fitted.model, flags, context);
  if (output.json) output.document(trainDocument(file, { ...flags, testFraction }, fitted, { comparison, saved }));
  else printResult(file, fitted, { comparison, saved }, context);
}

/** Flags that hold ratings out, to measure errors on them. */
const HOLDING_OUT: Record<string, keyof TrainFlags> = {
  "--test-fraction": "testFraction",
  "--split": "split",
  "--validation-fraction": "validationFraction",
  "--patience": "patience",
};

/** @throws {UsageError} if errors of predicted ratings are asked for, of a model that predicts none */
function checkHeldOut({ name, predictsRatings }: ModelKind, flags: TrainFlags, { given }: Context): void {
  if (predictsRatings) return;
  const asked = given.find(({ flag }) => {
    const key = HOLDING_OUT[flag];
    return key !== undefined && flags[key] !== 0;
  });
  if (!asked) return;
  const able = listed(RATING_MODELS, "or");
  throw new UsageError(`${asked.flag} is for --model ${able}, got --model ${name}: there are no ranking metrics yet`);
}

/** What comes of a training beside the model. */
interface Outcome {
  comparison: Comparison | undefined;
  saved: SavedModel | undefined;
}

function printResult(
  { path, ratings }: RatingsFile,
  { kind, model, reports, seconds, trainSize }: Fitted,
  { comparison, saved }: Outcome,
  { output }: Context,
): void {
  if (comparison) printComparison(comparison, kind, output);
  const { entry } = kind.words;
  const sizes = `${counted(trainSize, entry)} in ${duration(seconds)}, ${counted(reports.length, "epoch")}`;
  output.print(`Trained on ${sizes}${kind.predictsRatings ? "" : objectiveText(reports.at(-1)!)}.`);
  if (saved) {
    output.print(`Saved as ${saved.file}, ${bytes(saved.bytes)}.`);
    const heldOut = ratings.size - trainSize;
    if (heldOut > 0) {
      const all = comparison ? "; --test-fraction 0 learns from all" : "";
      output.note(`The saved model has not learned from the ${counted(heldOut, entry)} held out${all}.`);
    }
  }
  const isPlain = saved !== undefined || kind.name === "mf";
  const source = `${shellWord(saved?.file ?? path)}${isPlain ? "" : ` --model ${kind.name}`}`;
  output.note(`Next: lowrank recommend ${source} --user ${shellWord(String(model.users.idAt(0)))}`);
}

/** What is told of a training that has no error to tell. */
function objectiveText(report: TrainingReport): string {
  return "objective" in report ? `; the objective is ${objectiveSize(report.objective)}` : "";
}

function trainDocument(
  file: RatingsFile,
  { testFraction, split: by, validationFraction }: TrainFlags,
  { kind, model, reports, seconds, trainSize, validationSize }: Fitted,
  { comparison, saved }: Outcome,
): Record<string, unknown> {
  const sizes = { train: trainSize, validation: validationSize, test: comparison?.model.size ?? 0 };
  return {
    command: "train",
    ratings: ratingsDocument(file),
    split: { by, seed: model.options.seed, testFraction, validationFraction, ...sizes },
    model: { name: kind.className, options: model.options },
    epochs: reports,
    evaluation: comparison ?? null,
    saved: saved ?? null,
    seconds: { read: file.seconds, fit: seconds },
  };
}
