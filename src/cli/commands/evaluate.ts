import { type Command, Option } from "commander";
import { compare, printComparison } from "../comparison.js";
import { crossValidate, printFolds, summarize } from "../cross-validation.js";
import { addStoppingFlags, checkStopping, type FitPlan, fitModel, type StoppingFlags } from "../fit.js";
import { wholeNumber } from "../flag-values.js";
import { addModelFlags, chosenModel, type ModelFlags } from "../model-flags.js";
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
import { RATING_MODELS } from "../trainable-models.js";

export interface EvaluateFlags extends RatingsFlags, ModelFlags, StoppingFlags, OutputOptions {
  folds: number;
  test?: string;
}

const EXAMPLES = `
Examples:
  lowrank evaluate ml-latest-small/ratings.csv
  lowrank evaluate ratings.csv --folds 10 --factors 64
  lowrank evaluate ratings.csv --model als --epochs 10
  lowrank evaluate ratings.csv --model autorec --hidden 100
  lowrank evaluate train.csv --test test.csv --json

Cross-validation cuts the ratings into K equal parts at random, and K times trains on all parts but one and tests
on that one. The last rows are the mean over the folds ± their standard deviation (of a sample: over K − 1).
What is measured is how far off predicted ratings are, so that implicit-als, which predicts none, cannot be: ranking
metrics are not there yet.

Next: lowrank recommend trains on everything and makes recommendations.`;

export function defineEvaluate(command: Command): Command {
  command
    .summary("cross-validate, or test on a second file")
    .description("Tell how good a model is: by cross-validation, or on a test file of your own.")
    .argument("<ratings>", "a file of rows: user, item, rating and perhaps a timestamp")
    .optionsGroup("Test:")
    .addOption(new Option("--folds <k>", "parts to cross-validate on").default(5).argParser(wholeNumber(2)))
    .addOption(new Option("--test <file>", "train on <ratings> and test on this file instead").conflicts("folds"));
  addStoppingFlags(command);
  addModelFlags(command, RATING_MODELS);
  addRatingsFlags(command);
  return command.addHelpText("after", EXAMPLES);
}

export async function evaluate(path: string, flags: EvaluateFlags, context: Context): Promise<void> {
  const chosen = chosenModel(flags, context.given, RATING_MODELS);
  const csvOptions = csvOptionsOf(flags, chosen.kind);
  checkStopping(flags);
  const { validationFraction, patience } = flags;
  const plan: FitPlan = { chosen, validationFraction, patience, splitBy: "random" };
  const file = await readRatings(path, csvOptions, context);
  if (flags.test === undefined) return evaluateFolds(file, flags.folds, plan, context);
  return evaluateFile(file, await readRatings(flags.test, csvOptions, context), plan, context);
}

async function evaluateFolds(file: RatingsFile, k: number, plan: FitPlan, context: Context): Promise<void> {
  const { output } = context;
  const folds = await crossValidate(file.ratings, k, plan, context);
  const summary = summarize(folds);
  if (!output.json) return printFolds(folds, summary, plan.chosen.kind, output);
  const description = { ratings: ratingsDocument(file), ...planDocument(plan) };
  output.document({ command: "evaluate", ...description, folds, summary });
}

async function evaluateFile(file: RatingsFile, testFile: RatingsFile, plan: FitPlan, context: Context): Promise<void> {
  const { output } = context;
  const { model, trainSize, seconds } = await fitModel(file.ratings, plan, context);
  const evaluation = await compare(model, { train: file.ratings, test: testFile.ratings });
  if (output.json) {
    const files = { ratings: ratingsDocument(file), test: ratingsDocument(testFile) };
    output.document({ command: "evaluate", ...files, ...planDocument(plan), evaluation, seconds: { fit: seconds } });
    return;
  }
  printComparison(evaluation, plan.chosen.kind, output);
  output.print(`Trained on ${counted(trainSize, "rating")} in ${duration(seconds)}.`);
}

function planDocument({ chosen, validationFraction }: FitPlan): Record<string, unknown> {
  return { validationFraction, model: { name: chosen.kind.className, options: chosen.options } };
}
