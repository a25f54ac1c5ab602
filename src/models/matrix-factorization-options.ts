import { checkOneOf, checkPositive, reject } from "../data/options.js";
import type { LearningRateSchedule, OptimizerName } from "./optimizers.js";
import { checkRatings, type RatingOptions } from "./training-options.js";

export interface MatrixFactorizationOptions extends RatingOptions {
  /** How the steps are taken. `"sgd"` is the fastest by far; `"adagrad"` and `"adam"` are a little better on small data. */
  optimizer: OptimizerName;
  /** η, > 0, in units of the ratings' spread; `"auto"`: 1.2/epochs, at most .1 (sgd), .15 (adagrad), .45/epochs (adam). */
  learningRate: number | "auto";
  /** `"linear"` falls to 0 with the last epoch, `"auto"`: linear for sgd and adam, constant for adagrad. */
  learningRateSchedule: LearningRateSchedule | "auto";
  /** The length of a row of factors before training, in units of the ratings' spread; > 0. */
  initialScale: number;
}

export const MATRIX_FACTORIZATION_DEFAULTS: Readonly<MatrixFactorizationOptions> = Object.freeze({
  factors: 32,
  epochs: 30,
  optimizer: "sgd",
  learningRate: "auto",
  learningRateSchedule: "auto",
  regularization: 0.04,
  damping: 3,
  biasRegularization: 0.02,
  biasDamping: 5,
  biases: true,
  globalMean: true,
  initialScale: 0.1,
  clip: true,
  seed: 1,
  threads: 0,
  reproducible: false,
});

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checked(options: MatrixFactorizationOptions): MatrixFactorizationOptions {
  checkRatings(options);
  checkOneOf("optimizer", options.optimizer, ["sgd", "adagrad", "adam"]);
  checkLearningRate(options.learningRate);
  checkOneOf("learningRateSchedule", options.learningRateSchedule, ["auto", "constant", "linear"]);
  checkPositive("initialScale", options.initialScale);
  return options;
}

function checkLearningRate(value: unknown): void {
  if (value === "auto" || (typeof value === "number" && value > 0 && value < Infinity)) return;
  reject("learningRate", 'a number > 0, or "auto"', value);
}
