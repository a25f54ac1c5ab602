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
import type { CenteringName } from "./autorec-centering.js";
import type { LearningRateSchedule } from "./optimizers.js";

/** What a unit makes of the sum of its inputs. */
export type Activation = "identity" | "sigmoid" | "tanh" | "relu";

/** How AutoRec's steps are taken: Adam, stochastic gradient descent with momentum, resilient propagation. */
export type AutoRecOptimizer = "adam" | "sgd" | "rprop";

export interface AutoRecOptions {
  /** Whose ratings are one row of the autoencoder: an item's (I-AutoRec), or a user's (U-AutoRec). */
  orientation: "item" | "user";
  /** Units of the hidden layer; a whole number in [1, 4096]. There is one hidden layer. */
  hidden: number;
  /** g, of the hidden units. */
  activation: Activation;
  /** f, of the outputs; all but "identity" bring predictions into the range of the ratings, "relu" above its lowest. */
  outputActivation: Activation;
  /** Adam, SGD with momentum, or rprop, which is made for steps of all rows. */
  optimizer: AutoRecOptimizer;
  /** Passes over the training data; a whole number ≥ 1. */
  epochs: number;
  /** Items (or users) of a step, a whole number ≥ 1; `"auto"`: by the size of the data, all of them for rprop. */
  batchSize: number | "auto";
  /** Size of a step, > 0; `"auto"`: by the optimiser. Of rprop the first step. */
  learningRate: number | "auto";
  /** `"linear"` falls to 0 with the last epoch, `"auto"`: linear for adam and sgd, constant for rprop. */
  learningRateSchedule: LearningRateSchedule | "auto";
  /** Of sgd: the share of the last step that is taken again; in [0, 1). */
  momentum: number;
  /**
   * λ ≥ 0, the pull to zero of a user's output weights (an item's, with `orientation: "user"`) at each rating they have.
   * More for noisier data.
   */
  regularization: number;
  /** δ ≥ 0, the pull of all their weights once, however many ratings there are: restrains those of few. */
  damping: number;
  /** Share of the hidden units that are left out at random of each row in each step; in [0, 1). */
  dropout: number;
  /** What is taken off a rating before it comes to the encoder, and added to the output again where that is "identity". */
  centering: CenteringName;
  /** About the length of a user's (an item's) row of output weights before training; > 0. */
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

export const AUTOREC_DEFAULTS: Readonly<AutoRecOptions> = Object.freeze({
  orientation: "item",
  hidden: 256,
  activation: "sigmoid",
  outputActivation: "identity",
  optimizer: "adam",
  epochs: 20,
  batchSize: "auto",
  learningRate: "auto",
  learningRateSchedule: "auto",
  momentum: 0.9,
  regularization: 1,
  damping: 3,
  dropout: 0,
  centering: "biases",
  initialScale: 0.1,
  clip: true,
  seed: 1,
  threads: 0,
  reproducible: false,
});

const ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu"] as const;

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checked(options: AutoRecOptions): AutoRecOptions {
  checkOneOf("orientation", options.orientation, ["item", "user"]);
  checkInteger("hidden", options.hidden, 1, 4096);
  checkOneOf("activation", options.activation, ACTIVATIONS);
  checkOneOf("outputActivation", options.outputActivation, ACTIVATIONS);
  checkOneOf("optimizer", options.optimizer, ["adam", "sgd", "rprop"]);
  checkInteger("epochs", options.epochs, 1);
  if (options.batchSize !== "auto") checkWhole("batchSize", options.batchSize);
  if (options.learningRate !== "auto") checkRate(options.learningRate);
  checkOneOf("learningRateSchedule", options.learningRateSchedule, ["auto", "constant", "linear"]);
  checkShare("momentum", options.momentum);
  checkNonNegative("regularization", options.regularization);
  checkNonNegative("damping", options.damping);
  checkShare("dropout", options.dropout);
  checkOneOf("centering", options.centering, ["none", "mean", "biases"]);
  checkPositive("initialScale", options.initialScale);
  checkBoolean("clip", options.clip);
  checkSeed(options.seed);
  checkInteger("threads", options.threads, 0, MAXIMUM_THREADS);
  checkBoolean("reproducible", options.reproducible);
  return options;
}

function checkWhole(name: string, value: unknown): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return;
  reject(name, 'a whole number ≥ 1, or "auto"', value);
}

function checkRate(value: unknown): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  reject("learningRate", 'a number > 0, or "auto"', value);
}

function checkShare(name: string, value: unknown): void {
  if (typeof value === "number" && value >= 0 && value < 1) return;
  reject(name, "a number in [0, 1)", value);
}
