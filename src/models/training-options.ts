/** Options that models have in common, and their rules. */
import { checkBoolean, checkInteger, checkNonNegative, checkSeed } from "../data/options.js";
import { MAXIMUM_THREADS } from "../engine/job.js";

/** Options of every model of factors. */
export interface TrainingOptions {
  /** k, the numbers that describe each user and item; a whole number in [1, 4096]. */
  factors: number;
  /** Passes over the training data; a whole number ≥ 1. */
  epochs: number;
  /** A whole number in [0, 2^53 − 1]; the same seed gives the same bits on any number of threads. */
  seed: number;
  /**
   * 0 for one per core; a whole number in [0, 256]. The first 50 ms of a process's work are done on the caller's thread, in
   * slices: threads are started by what takes longer.
   */
  threads: number;
  /** Whether the bits must be the same on any engine and processor too; else fused multiply-add is used where it exists. */
  reproducible: boolean;
}

/** Options of every model of ratings with factors. A row of n ratings is pulled to zero by λ n + δ. */
export interface RatingOptions extends TrainingOptions {
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
  /** Whether predictions are clipped to the range of the training ratings. */
  clip: boolean;
}

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checkTraining(options: TrainingOptions): void {
  checkInteger("factors", options.factors, 1, 4096);
  checkInteger("epochs", options.epochs, 1);
  checkSeed(options.seed);
  checkInteger("threads", options.threads, 0, MAXIMUM_THREADS);
  checkBoolean("reproducible", options.reproducible);
}

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checkRatings(options: RatingOptions): void {
  checkTraining(options);
  checkNonNegative("regularization", options.regularization);
  checkNonNegative("damping", options.damping);
  checkNonNegative("biasRegularization", options.biasRegularization);
  checkNonNegative("biasDamping", options.biasDamping);
  checkBoolean("biases", options.biases);
  checkBoolean("globalMean", options.globalMean);
  checkBoolean("clip", options.clip);
}
