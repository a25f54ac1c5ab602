import { checkBoolean, checkInteger, checkNonNegative, checkPositive, checkSeed } from "../data/options.js";
import { MAXIMUM_THREADS } from "../engine/job.js";

export interface AlternatingLeastSquaresOptions {
  /** k, the numbers that describe each user and item; a whole number in [1, 4096]. */
  factors: number;
  /** Times that users and then items are solved for; a whole number ≥ 1. */
  epochs: number;
  /**
   * λ ≥ 0, the pull of factors to zero at each rating of a row: λ n ‖p‖², as in ALS-WR. 0 with `damping` above 0 is the
   * plain ridge, the same for every row.
   */
  regularization: number;
  /** δ ≥ 0, the pull of factors to zero once a row, however many ratings it has: what keeps rows of few ratings small. */
  damping: number;
  /** λ ≥ 0 of the biases. */
  biasRegularization: number;
  /** δ ≥ 0 of the biases. */
  biasDamping: number;
  /** Whether users and items have biases, solved for together with their factors. */
  biases: boolean;
  /** Whether the mean rating is taken off first. */
  globalMean: boolean;
  /** Whether factors are kept from being negative; with `biases` and `globalMean` off, non-negative factorisation R ≈ P Qᵀ. */
  nonNegative: boolean;
  /** Stop when an epoch lowers the objective by less than this share of it; a number ≥ 0, 0 for never. */
  tolerance: number;
  /** The length of an item's row of factors before training, in units of the ratings' spread; > 0. */
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
  checkInteger("factors", options.factors, 1, 4096);
  checkInteger("epochs", options.epochs, 1);
  checkNonNegative("regularization", options.regularization);
  checkNonNegative("damping", options.damping);
  checkNonNegative("biasRegularization", options.biasRegularization);
  checkNonNegative("biasDamping", options.biasDamping);
  checkBoolean("biases", options.biases);
  checkBoolean("globalMean", options.globalMean);
  checkBoolean("nonNegative", options.nonNegative);
  checkNonNegative("tolerance", options.tolerance);
  checkPositive("initialScale", options.initialScale);
  checkBoolean("clip", options.clip);
  checkSeed(options.seed);
  checkInteger("threads", options.threads, 0, MAXIMUM_THREADS);
  checkBoolean("reproducible", options.reproducible);
  return options;
}
