import { checkBoolean, checkInteger, checkNonNegative, checkOneOf, checkPositive, reject } from "../data/options.js";
import type { ConfidenceKind, ObservedLoss } from "../ranking/confidence.js";
import { checkTraining, type TrainingOptions } from "./training-options.js";

/**
 * How the objective is brought down. `"cholesky"` solves every row exactly; `"conjugateGradient"` and `"subspace"` only
 * come nearer, in less time where there are many factors; `"gradientDescent"` takes steps down the full gradient: slow, to
 * see and to check by.
 */
export type ImplicitSolver = "cholesky" | "conjugateGradient" | "subspace" | "gradientDescent";

export interface ImplicitALSOptions extends TrainingOptions {
  solver: ImplicitSolver;
  /** Steps of `"conjugateGradient"` for each row and half-step; a whole number ≥ 1. */
  steps: number;
  /** Factors that `"subspace"` solves for at once; a multiple of 8. */
  blockSize: number;
  /**
   * From the value r of an interaction to its weight w: `"log"` α ln(1 + |r|/ε), for counts and durations of any kind;
   * `"linear"` α|r|; `"given"` |r|, the values being weights already. A value ≤ 0 is a sign of dislike: preference 0.
   */
  confidence: ConfidenceKind;
  /** α > 0, of `"log"` and `"linear"`. More makes what was observed weigh more against what was not. */
  alpha: number;
  /** ε > 0, of `"log"`: the strength from which on more counts less; `"auto"`: the median of the training values. */
  epsilon: number | "auto";
  /** α₀ ≥ 0, the weight of a pair that was not observed, with preference 0. */
  unobservedWeight: number;
  /**
   * What an observed pair of preference p adds, every pair having α₀ ŷ²: `"added"` w (p − ŷ)² beside that; `"raised"`
   * (α₀ + w)(p − ŷ)² and `"replaced"` w (p − ŷ)² instead of it.
   */
  observedLoss: ObservedLoss;
  /** λ ≥ 0, the pull of factors to zero. */
  regularization: number;
  /** ν ≥ 0: a user of n interactions is pulled by λ (n + α₀ × items)^ν, an item likewise; 0: all alike. */
  regularizationExponent: number;
  /** Whether what was not observed counts in that; false: λ n^ν. */
  countUnobserved: boolean;
  /** Stop when an epoch lowers the objective by less than this share of it; a number ≥ 0, 0 for never. */
  tolerance: number;
  /** The length of an item's row of factors before training; > 0. */
  initialScale: number;
}

/**
 * Chosen on ml-latest-small, as ratings of 4 and more and as all ratings, and on generated sets of ones, counts and seconds
 * with long tails, sparse and dense, by the last or a random interaction left out.
 */
export const IMPLICIT_ALS_DEFAULTS: Readonly<ImplicitALSOptions> = Object.freeze({
  factors: 64,
  epochs: 15,
  solver: "cholesky",
  steps: 3,
  blockSize: 32,
  confidence: "log",
  alpha: 1,
  epsilon: "auto",
  unobservedWeight: 0.1,
  observedLoss: "added",
  regularization: 0.2,
  regularizationExponent: 0.5,
  countUnobserved: true,
  tolerance: 0,
  initialScale: 0.1,
  seed: 1,
  threads: 0,
  reproducible: false,
});

/**
 * The objectives that others minimise, as settings: `new ImplicitALS({ ...IMPLICIT_OBJECTIVES.spark, factors: 32 })`. λ is
 * theirs: with `regularization: x` each is the objective that its source has for λ = x.
 */
export const IMPLICIT_OBJECTIVES = Object.freeze({
  /** Hu, Koren, Volinsky 2008, equation 3: Σ_all c (p − ŷ)² + λ (‖P‖² + ‖Q‖²), c = 1 + α r. */
  huKorenVolinsky: objective({ confidence: "linear", alpha: 40, unobservedWeight: 1, observedLoss: "raised" }),
  /** The Python library implicit: the same with c = α r where observed, 1 elsewhere; values of at least 1/α. */
  implicit: objective({ confidence: "linear", alpha: 1, unobservedWeight: 1, observedLoss: "replaced" }),
  /**
   * Apache Spark MLlib: c = 1 + α|r|, p = 1 for r > 0, and λ times the interactions of the row (Spark counts those with
   * r > 0: the same unless there are dislikes).
   */
  spark: objective({
    confidence: "linear",
    alpha: 1,
    unobservedWeight: 1,
    observedLoss: "raised",
    regularizationExponent: 1,
  }),
  /** Rendle et al. 2021: Σ_observed (1 − ŷ)² + α₀ Σ_all ŷ² + λ Σ (n + α₀ N)^ν ‖·‖², for interactions of value 1. */
  rendle: objective({
    confidence: "linear",
    alpha: 1,
    unobservedWeight: 0.1,
    observedLoss: "added",
    regularizationExponent: 1,
    countUnobserved: true,
  }),
});

function objective(settings: Partial<ImplicitALSOptions>): Readonly<Partial<ImplicitALSOptions>> {
  return Object.freeze({ regularizationExponent: 0, countUnobserved: false, ...settings });
}

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checked(options: ImplicitALSOptions): ImplicitALSOptions {
  checkTraining(options);
  checkOneOf("solver", options.solver, ["cholesky", "conjugateGradient", "subspace", "gradientDescent"]);
  checkInteger("steps", options.steps, 1, 1000);
  checkInteger("blockSize", options.blockSize, 8, 4096);
  if (options.blockSize % 8 !== 0) reject("blockSize", "a multiple of 8", options.blockSize);
  checkOneOf("confidence", options.confidence, ["linear", "log", "given"]);
  checkPositive("alpha", options.alpha);
  if (
    options.epsilon !== "auto" &&
    !(typeof options.epsilon === "number" && options.epsilon > 0 && options.epsilon < Infinity)
  ) {
    reject("epsilon", 'a number > 0, or "auto"', options.epsilon);
  }
  checkNonNegative("unobservedWeight", options.unobservedWeight);
  checkOneOf("observedLoss", options.observedLoss, ["added", "raised", "replaced"]);
  checkNonNegative("regularization", options.regularization);
  checkNonNegative("regularizationExponent", options.regularizationExponent);
  checkBoolean("countUnobserved", options.countUnobserved);
  checkNonNegative("tolerance", options.tolerance);
  checkPositive("initialScale", options.initialScale);
  return options;
}
