/** Training, as every command does it. */
import { type Command, Option } from "commander";
import type { FitOptions, Interactions, TrainTest } from "../index.js";
import { epochProgress } from "./epoch-progress.js";
import { Failure, messageOf, UsageError } from "./failure.js";
import { fraction, wholeNumber } from "./flag-values.js";
import { inFlagWords } from "./flag-words.js";
import type { ChosenModel } from "./model-flags.js";
import type { Context } from "./output.js";
import { counted, errorSize } from "./quantities.js";
import type { ModelKind, TrainableModel, TrainingReport } from "./trainable-models.js";

export type SplitBy = "random" | "time";

export interface StoppingFlags {
  validationFraction: number;
  patience?: number;
}

export interface FitPlan {
  chosen: ChosenModel;
  /** The share of the training ratings to validate on; 0 for none. */
  validationFraction: number;
  patience: number | undefined;
  /** How the validation ratings are chosen. */
  splitBy: SplitBy;
}

export interface Fitted {
  kind: ModelKind;
  model: TrainableModel;
  reports: TrainingReport[];
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
  const { chosen, validationFraction, patience, splitBy } = plan;
  const { kind, options } = chosen;
  const parts =
    validationFraction > 0
      ? divide(ratings, validationFraction, splitBy, options.seed, "--validation-fraction")
      : { train: ratings, test: undefined };
  const reports: TrainingReport[] = [];
  const progress = epochProgress(output, options.epochs, kind.words, label);
  const fitOptions: FitOptions<TrainingReport> = {
    signal,
    onEpoch: (report) => {
      reports.push(report);
      progress.show(report);
    },
  };
  if (parts.test) fitOptions.validation = parts.test;
  if (patience !== undefined) fitOptions.patience = patience;
  const begin = performance.now();
  const model = chosen.create();
  try {
    await model.fit(parts.train, fitOptions);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure(inFlagWords(messageOf(error)), { cause: error });
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - begin) / 1000;
  for (const note of notesOf(reports, options.epochs)) output.note(`${label}${label && ": "}${note}`);
  return { kind, model, reports, seconds, trainSize: parts.train.size, validationSize: parts.test?.size ?? 0 };
}

/** Which epoch validation chose, whether the fit ended early, and whether equations were hard to solve. */
function notesOf(reports: readonly TrainingReport[], epochs: number): string[] {
  const notes: string[] = [];
  const last = reports.at(-1)!;
  const stopped = last.epoch < epochs ? `stopped after epoch ${last.epoch}` : "";
  const best = reports.findLast((report) => "isBest" in report && report.isBest && report.validationRmse !== undefined);
  if (best && "validationRmse" in best) {
    const error = errorSize(best.validationRmse!);
    notes.push(`${stopped}${stopped && "; "}epoch ${best.epoch} is the best, validation RMSE ${error}`);
  } else if (stopped) {
    notes.push(`${stopped}, which lowered the objective by less than --tolerance`);
  }
  if ("jitteredRows" in last && last.jitteredRows > 0) {
    const rows = counted(last.jitteredRows, "user or item", "users and items");
    notes.push(
      `in the last epoch the equations of ${rows} were singular to single precision; try more --regularization`,
    );
  }
  return notes;
}
