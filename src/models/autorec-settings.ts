/** AutoRec's options → what its training is told, "auto" worked out. */
import type { Activation, AutoRecOptimizer, AutoRecOptions } from "./autorec-options.js";
import { type LearningRateSchedule, scheduledRate } from "./optimizers.js";

export interface AutoRecSettings {
  readonly optimizer: AutoRecOptimizer;
  readonly outputActivation: Activation;
  readonly batchSize: number;
  /** λ and δ of the kernels, in squared units of the output. */
  readonly regularization: number;
  readonly decoderDamping: number;
  readonly encoderDamping: number;
  readonly biasRegularization: number;
  readonly biasDamping: number;
  readonly dropout: number;
  readonly seed: number;
  readonly encoderDeviation: number;
  readonly decoderDeviation: number;
  /** What every output is offset by, before its activation. */
  readonly outputOffset: number;
  /** Matrices like the weights that the optimiser keeps. */
  readonly stateMatrices: number;
  readonly epochs: number;
  /** Of the first epoch; rprop's first step. */
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
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

/** Batches of an epoch where nobody says, as far as they then have so many rows: steps enough, and work enough in each. */
const AUTO_BATCHES = 30;
const LEAST_AUTO_BATCH = 8;
const MOST_AUTO_BATCH = 512;

/** What the learning rate of Adam times the steps of a fit is where nobody says: twice or half of it does as well. */
const ADAM_PATH = 3;
const LEAST_AUTO_RATE = 5e-4;
const MOST_AUTO_RATE = 0.02;
/** A step moves an output by the rate times the sum of its units: at most about half a unit of it. */
const MOST_RATE_OF_UNITS = 1.25;
/** Over the hidden units: the curvature grows with them. */
const SGD_RATE = 0.75;
const RPROP_FIRST_STEP = 0.01;

export function settingsOf(
  options: AutoRecOptions,
  { numRows, numEntries }: AutoRecSize,
  { outputOffset, unit }: { outputOffset: number; unit: number },
): AutoRecSettings {
  const { optimizer, hidden, initialScale, epochs, learningRateSchedule: schedule } = options;
  const batchSize = batchSizeOf(options, numRows);
  const learningRate =
    options.learningRate === "auto" ? autoRate(options, epochs * Math.ceil(numRows / batchSize)) : options.learningRate;
  const entriesPerRow = numEntries / Math.max(1, numRows);
  return {
    optimizer,
    outputActivation: options.outputActivation,
    batchSize,
    regularization: unit * options.regularization,
    decoderDamping: unit * decoderDamping(options.damping, hidden),
    encoderDamping: unit * options.damping,
    ...biasPull(options, unit),
    dropout: options.dropout,
    seed: options.seed,
    encoderDeviation: 1 / Math.sqrt(Math.max(1, entriesPerRow)),
    decoderDeviation: initialScale / Math.sqrt(hidden),
    outputOffset,
    stateMatrices: optimizer === "sgd" ? 1 : 2,
    epochs,
    learningRate,
    schedule: schedule === "auto" ? (optimizer === "rprop" ? "constant" : "linear") : schedule,
    momentum: options.momentum,
    beta1: 0.9,
    beta2: 0.999,
  };
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** δ of the output weights: times ‖z‖² of logistic units, most of them near ½, so that it means the same for any number. */
export function decoderDamping(damping: number, hidden: number): number {
  return (damping * hidden) / 4;
}

/** δ of the biases of rows: as many more entries as each is thought to have, all of them just as expected. */
export const BIAS_DAMPING = 5;

/** δ of the output biases where nothing is taken off, and so nothing expected: enough for equations to have a solution. */
const FREE_BIAS_DAMPING = 0.1;

/** δ of the output biases of rows that are solved for alone. */
export function biasDampingOf({ centering }: AutoRecOptions): number {
  return centering === "none" ? FREE_BIAS_DAMPING : BIAS_DAMPING;
}

/** λ and δ of the output biases: where biases were taken off before, what is left is pulled as hard as the weights. */
function biasPull(options: AutoRecOptions, unit: number): Pick<AutoRecSettings, "biasRegularization" | "biasDamping"> {
  const { centering, regularization, damping, hidden } = options;
  if (centering !== "biases") return { biasRegularization: 0, biasDamping: unit * biasDampingOf(options) };
  return { biasRegularization: unit * regularization, biasDamping: unit * decoderDamping(damping, hidden) };
}

function batchSizeOf({ optimizer, batchSize }: AutoRecOptions, numRows: number): number {
  if (batchSize !== "auto") return Math.min(batchSize, numRows);
  if (optimizer === "rprop") return numRows; // signs of a part of the data say little of the whole
  return Math.min(numRows, clamp(Math.ceil(numRows / AUTO_BATCHES), LEAST_AUTO_BATCH, MOST_AUTO_BATCH));
}

function autoRate({ optimizer, hidden }: AutoRecOptions, steps: number): number {
  if (optimizer === "adam")
    return clamp(ADAM_PATH / steps, LEAST_AUTO_RATE, Math.min(MOST_AUTO_RATE, MOST_RATE_OF_UNITS / hidden));
  return optimizer === "sgd" ? SGD_RATE / hidden : RPROP_FIRST_STEP;
}

/** The rate of an epoch, from 1. */
export function learningRateOf({ learningRate, schedule, epochs }: AutoRecSettings, epoch: number): number {
  return scheduledRate(learningRate, schedule, epoch, epochs);
}

const ADAM_EPSILON = 1e-8;
/** Riedmiller and Braun's: η⁻, η⁺, and the bounds of a step. */
const RPROP = [0.5, 1.2, 1e-6, 50];

/** Words 1 to 4 of the kernels' parameter block. */
export function optimizerParameters({ optimizer, momentum, beta1, beta2 }: AutoRecSettings): number[] {
  if (optimizer === "adam") return [beta1, beta2, ADAM_EPSILON, 0];
  return optimizer === "sgd" ? [momentum, 0, 0, 0] : RPROP;
}
