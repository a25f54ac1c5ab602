import {
  checkBoolean,
  checkInteger,
  checkNonNegative,
  checkOneOf,
  checkPositive,
  checkSeed,
  reject,
} from "../data/options.js";
import { MAXIMUM_THREADS } from "../engine/job.js";
import type { LearningRateSchedule, OptimizerName } from "./optimizers.js";

export interface MatrixFactorizationOptions {
  /** k, the numbers that describe each user and item; a whole number in [1, 4096]. */
  factors: number;
  /** Passes over the training data; a whole number ≥ 1. */
  epochs: number;
  /** How the steps are taken. `"sgd"` is the fastest by far; `"adagrad"` and `"adam"` are a little better on small data. */
  optimizer: OptimizerName;
  /** η, > 0, in units of the ratings' spread; `"auto"`: 1.2/epochs, at most .1 (sgd), .15 (adagrad), .45/epochs (adam). */
  learningRate: number | "auto";
  /** `"linear"` falls to 0 with the last epoch, `"auto"`: linear for sgd and adam, constant for adagrad. */
  learningRateSchedule: LearningRateSchedule | "auto";
  /** λ ≥ 0, the pull of factors to zero at each rating. More for noisier data. */
  regularization: number;
  /** δ ≥ 0, the pull of factors to zero once a row, however many ratings it has: what keeps rows of few ratings small. */
  damping: number;
  /** λ ≥ 0 of the biases. */
  biasRegularization: number;
  /** δ ≥ 0 of the biases. */
  biasDamping: number;
  /** Whether users and items have biases. */
  biases: boolean;
  /** Whether the mean rating is taken off first; without it, and without biases, this is plain R ≈ P Qᵀ. */
  globalMean: boolean;
  /** The length of a row of factors before training, in units of the ratings' spread; > 0. */
  initialScale: number;
  /** Whether predictions are clipped to the range of the training ratings. */
  clip: boolean;
  /** A whole number in [0, 2^53 − 1]; the same seed gives the same bits on any number of threads. */
  seed: number;
  /** 0 for one per core; a whole number in [0, 256]. */
  threads: number;
  /** Whether the bits must be the same on any engine and processor too; else fused multiply-add is used where it exists. */
  reproducible: boolean;
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
  checkInteger("factors", options.factors, 1, 4096);
  checkInteger("epochs", options.epochs, 1);
  checkOneOf("optimizer", options.optimizer, ["sgd", "adagrad", "adam"]);
  checkLearningRate(options.learningRate);
  checkOneOf("learningRateSchedule", options.learningRateSchedule, ["auto", "constant", "linear"]);
  checkNonNegative("regularization", options.regularization);
  checkNonNegative("damping", options.damping);
  checkNonNegative("biasRegularization", options.biasRegularization);
  checkNonNegative("biasDamping", options.biasDamping);
  checkBoolean("biases", options.biases);
  checkBoolean("globalMean", options.globalMean);
  checkPositive("initialScale", options.initialScale);
  checkBoolean("clip", options.clip);
  checkSeed(options.seed);
  checkInteger("threads", options.threads, 0, MAXIMUM_THREADS);
  checkBoolean("reproducible", options.reproducible);
  return options;
}

function checkLearningRate(value: unknown): void {
  if (value === "auto" || (typeof value === "number" && value > 0 && value < Infinity)) return;
  reject("learningRate", 'a number > 0, or "auto"', value);
}
