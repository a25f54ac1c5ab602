/** K trainings, each tested on the part that it has not seen. */
import type { Interactions } from "../index.js";
import {
  COMPARED_KEYS,
  type Compared,
  type Comparison,
  coldNote,
  compare,
  comparedNames,
  METRIC_COLUMNS,
  METRIC_KEYS,
  type MetricKey,
  metricText,
  verdict,
} from "./comparison.js";
import { Failure } from "./failure.js";
import { type FitPlan, fitModel } from "./fit.js";
import type { Context, Output } from "./output.js";
import { count, duration } from "./quantities.js";
import type { ModelKind } from "./trainable-models.js";

export interface Fold {
  /** From 1. */
  fold: number;
  /** Ratings trained on. */
  train: number;
  evaluation: Comparison;
  seconds: number;
}

export interface Spread {
  mean: number;
  /** Of a sample: over k − 1. */
  standardDeviation: number;
}

export type Summary = Record<Compared, Record<MetricKey, Spread>>;

export async function crossValidate(
  ratings: Interactions,
  k: number,
  plan: FitPlan,
  context: Context,
): Promise<Fold[]> {
  if (k > ratings.size) throw new Failure(`--folds must be at most the number of ratings, ${ratings.size}, got ${k}`);
  const folds: Fold[] = [];
  for (const parts of ratings.folds(k, { seed: plan.chosen.options.seed })) {
    const fold = folds.length + 1;
    const { model, trainSize, seconds } = await fitModel(parts.train, plan, context, `fold ${fold}/${k}`);
    folds.push({ fold, train: trainSize, evaluation: await compare(model, parts), seconds });
    model.dispose();
  }
  return folds;
}

export function summarize(folds: readonly Fold[]): Summary {
  const spreads = (compared: Compared): Summary[Compared] => {
    const spread = (name: MetricKey) => spreadOf(folds.map((fold) => fold.evaluation[compared][name]));
    return { rmse: spread("rmse"), mae: spread("mae"), r2: spread("r2") };
  };
  return { model: spreads("model"), biasModel: spreads("biasModel"), globalMean: spreads("globalMean") };
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
}

/** A row a fold, of the model; then all three as mean ± standard deviation. */
export function printFolds(folds: readonly Fold[], summary: Summary, kind: ModelKind, output: Output): void {
  const names = comparedNames(kind.title);
  const rows = folds.map(({ fold, evaluation }) => [
    `fold ${fold}`,
    ...METRIC_KEYS.map((name) => metricText(name, evaluation.model[name])),
  ]);
  const means = COMPARED_KEYS.map((key) => [
    names[key],
    ...METRIC_KEYS.map((name) => spreadText(name, summary[key][name])),
  ]);
  output.table(METRIC_COLUMNS, [...rows, ...means]);
  const tested = folds.reduce((sum, { evaluation }) => sum + evaluation.model.size, 0);
  const cold = folds.reduce((sum, { evaluation }) => sum + evaluation.model.unknown, 0);
  const seconds = folds.reduce((sum, fold) => sum + fold.seconds, 0);
  output.print("A row a fold is of the model; the last rows are mean ± standard deviation.");
  output.print(`Every one of ${count(tested)} ratings was tested once${coldNote(cold)}.`);
  output.print(verdict(summary.model.rmse.mean, summary.biasModel.rmse.mean, kind.units));
  output.print(`Trained ${folds.length} times in ${duration(seconds)}.`);
}

function spreadText(name: MetricKey, { mean, standardDeviation }: Spread): string {
  const deviation = mean < 0.001 && name !== "r2" ? metricText(name, standardDeviation) : standardDeviation.toFixed(4);
  return `${metricText(name, mean)} ± ${deviation}`;
}
