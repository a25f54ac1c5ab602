/** Training, as every command does it. */
import { type Command, Option } from "commander";
import {
  type EpochReport,
  type FitOptions,
  type Interactions,
  MatrixFactorization,
  type MatrixFactorizationOptions,
  type TrainTest,
} from "../index.js";
import { epochProgress } from "./epoch-progress.js";
import { Failure, messageOf, UsageError } from "./failure.js";
import { fraction, wholeNumber } from "./flag-values.js";
import { inFlagWords } from "./flag-words.js";
import type { Context } from "./output.js";
import { errorSize } from "./quantities.js";

export type SplitBy = "random" | "time";

export interface StoppingFlags {
  validationFraction: number;
  patience?: number;
}

export interface FitPlan {
  modelOptions: MatrixFactorizationOptions;
  /** The share of the training ratings to validate on; 0 for none. */
  validationFraction: number;
  patience: number | undefined;
  /** How the validation ratings are chosen. */
  splitBy: SplitBy;
}

export interface Fitted {
  model: MatrixFactorization;
  reports: EpochReport[];
  seconds: number;
  trainSize: number;
  validationSize: number;
}

export function addStoppingFlags(command: Command): Command {
  return command
    .optionsGroup("Early stopping:")
    .addOption(
      new Option("--validation-fraction <x>", "share of the training ratings to validate on; the best epoch is kept")
        .default(0)
        .argParser(fraction),
    )
    .option("--patience <n>", "stop after n epochs without a lower validation RMSE (default: never)", wholeNumber(1));
}

/** @throws {UsageError} if there is nothing to be patient about */
export function checkStopping({ validationFraction, patience }: StoppingFlags): void {
  if (patience === undefined || validationFraction > 0) return;
  throw new UsageError("--patience needs ratings to validate on, such as --validation-fraction 0.1");
}

/** Two parts of the ratings, neither empty. @throws {Failure} */
export function divide(ratings: Interactions, share: number, by: SplitBy, seed: number, flag: string): TrainTest {
  let parts: TrainTest;
  try {
    parts = by === "time" ? ratings.splitByTime({ testFraction: share }) : ratings.split({ testFraction: share, seed });
  } catch (error) {
    const hint = by === "time" && ratings.timestamps === undefined ? "; name their column by --timestamp-column" : "";
    throw new Failure(`--split ${by}: ${messageOf(error).replace(/^splitByTime /, "")}${hint}`, { cause: error });
  }
  for (const part of [parts.train, parts.test]) {
    if (part.size === 0) throw new Failure(`${flag} ${share} of ${ratings.size} ratings leaves one part empty`);
  }
  return parts;
}

/** Trains on `ratings`, or on what validation leaves of them. @param label of the progress; may be empty */
export async function fitModel(
  ratings: Interactions,
  plan: FitPlan,
  { output, signal }: Context,
  label = "",
): Promise<Fitted> {
  const { modelOptions, validationFraction, patience, splitBy } = plan;
  const parts =
    validationFraction > 0
      ? divide(ratings, validationFraction, splitBy, modelOptions.seed, "--validation-fraction")
      : { train: ratings, test: undefined };
  const reports: EpochReport[] = [];
  const progress = epochProgress(output, modelOptions.epochs, label);
  const options: FitOptions = {
    signal,
    onEpoch: (report) => {
      reports.push(report);
      progress.show(report);
    },
  };
  if (parts.test) options.validation = parts.test;
  if (patience !== undefined) options.patience = patience;
  const begin = performance.now();
  const model = new MatrixFactorization(modelOptions);
  try {
    await model.fit(parts.train, options);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure(inFlagWords(messageOf(error)), { cause: error });
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - begin) / 1000;
  const validationSize = parts.test?.size ?? 0;
  if (validationSize > 0) output.note(keptEpoch(reports, modelOptions.epochs, label));
  return { model, reports, seconds, trainSize: parts.train.size, validationSize };
}

/** Which epoch validation chose, and whether it ended the fit. */
function keptEpoch(reports: readonly EpochReport[], epochs: number, label: string): string {
  const best = reports.findLast(({ isBest }) => isBest)!;
  const stopped = reports.length < epochs ? `stopped after epoch ${reports.length}; ` : "";
  return `${label}${label && ": "}${stopped}epoch ${best.epoch} is the best, validation RMSE ${errorSize(best.validationRmse!)}`;
}
