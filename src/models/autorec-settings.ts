/** AutoRec's options → what its training is told, "auto" worked out. */
import type { Activation, AutoRecOptimizer, AutoRecOptions } from "./autorec-options.js";
import { type LearningRateSchedule, scheduledRate } from "./optimizers.js";

export interface AutoRecSettings {
  readonly optimizer: AutoRecOptimizer;
  readonly outputActivation: Activation;
  readonly batchSize: number;
  readonly regularization: number;
  readonly damping: number;
  readonly dropout: number;
  readonly seed: number;
  readonly encoderDeviation: number;
  readonly decoderDeviation: number;
  /** What every output is offset by, before its activation. */
  readonly outputOffset: number;
  /** Matrices like the weights that the optimiser keeps. */
  readonly stateMatrices: number;
  /** rprop's first step. */
  readonly firstStep: number;
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
}

/** The data's size, as far as defaults depend on it. */
export interface AutoRecSize {
  /** Rows of the autoencoder with entries. */
  readonly numRows: number;
  readonly numEntries: number;
}

/** Rows of a batch where nobody says: so that an epoch has steps enough, and a step work enough. */
const LEAST_AUTO_BATCH = 32;
const MOST_AUTO_BATCH = 512;
const AUTO_BATCHES = 100;

const RATES: Readonly<Record<AutoRecOptimizer, number>> = { adam: 1e-3, sgd: 0.01, rprop: 1e-4 };

export function settingsOf(
  options: AutoRecOptions,
  { numRows, numEntries }: AutoRecSize,
  outputOffset: number,
): AutoRecSettings {
  const { optimizer, hidden, initialScale } = options;
  const auto =
    optimizer === "rprop" ? numRows : clamp(Math.ceil(numRows / AUTO_BATCHES), LEAST_AUTO_BATCH, MOST_AUTO_BATCH);
  const entriesPerRow = numEntries / Math.max(1, numRows);
  return {
    optimizer,
    outputActivation: options.outputActivation,
    batchSize: Math.max(1, Math.min(numRows, options.batchSize === "auto" ? auto : options.batchSize)),
    regularization: options.regularization,
    damping: options.damping,
    dropout: options.dropout,
    seed: options.seed,
    encoderDeviation: 1 / Math.sqrt(Math.max(1, entriesPerRow)),
    decoderDeviation: initialScale / Math.sqrt(hidden),
    outputOffset,
    stateMatrices: optimizer === "sgd" ? 1 : 2,
    firstStep: learningRateOf(options, 1),
    momentum: options.momentum,
    beta1: 0.9,
    beta2: 0.999,
  };
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** The rate of an epoch, from 1. */
export function learningRateOf(
  { optimizer, learningRate, learningRateSchedule, epochs }: AutoRecOptions,
  epoch: number,
): number {
  const rate = learningRate === "auto" ? RATES[optimizer] : learningRate;
  const auto: LearningRateSchedule = optimizer === "rprop" ? "constant" : "linear";
  return scheduledRate(rate, learningRateSchedule === "auto" ? auto : learningRateSchedule, epoch, epochs);
}

const ADAM_EPSILON = 1e-8;
/** Riedmiller and Braun's: η⁻, η⁺, and the bounds of a step. */
const RPROP = [0.5, 1.2, 1e-6, 50];

/** Words 1 to 4 of the kernels' parameter block. */
export function optimizerParameters({ optimizer, momentum, beta1, beta2 }: AutoRecSettings): number[] {
  if (optimizer === "adam") return [beta1, beta2, ADAM_EPSILON, 0];
  return optimizer === "sgd" ? [momentum, 0, 0, 0] : RPROP;
}
