import { checkBoolean, checkNonNegative, checkPositive } from "../data/options.js";
import { checkRatings, type RatingOptions } from "./training-options.js";

export interface AlternatingLeastSquaresOptions extends RatingOptions {
  /** Whether factors are kept from being negative; with `biases` and `globalMean` off, non-negative factorisation R ≈ P Qᵀ. */
  nonNegative: boolean;
  /** Stop when an epoch lowers the objective by less than this share of it; a number ≥ 0, 0 for never. */
  tolerance: number;
  /** The length of an item's row of factors before training, in units of the ratings' spread; > 0. */
  initialScale: number;
}

/** Chosen on ml-latest-small, LIBMF's demo and four generated sets, sparse and dense. */
export const ALTERNATING_LEAST_SQUARES_DEFAULTS: Readonly<AlternatingLeastSquaresOptions> = Object.freeze({
  factors: 32,
  epochs: 15,
  regularization: 0.06,
  damping: 4,
  biasRegularization: 0.02,
  biasDamping: 5,
  biases: true,
  globalMean: true,
  nonNegative: false,
  tolerance: 0,
  initialScale: 0.1,
  clip: true,
  seed: 1,
  threads: 0,
  reproducible: false,
});

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checked(options: AlternatingLeastSquaresOptions): AlternatingLeastSquaresOptions {
  checkRatings(options);
  checkBoolean("nonNegative", options.nonNegative);
  checkNonNegative("tolerance", options.tolerance);
  checkPositive("initialScale", options.initialScale);
  return options;
}
