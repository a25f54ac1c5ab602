import type { RatingPasses } from "../engine/descent-kernels.js";

export type OptimizerName = "sgd" | "adagrad" | "adam";

/** How the learning rate goes: the same in every epoch, or falling in equal steps, to reach 0 after the last one. */
export type LearningRateSchedule = "constant" | "linear";

/** How an optimiser looks to its kernel, and what it does when nobody says otherwise. */
export interface Optimizer {
  readonly kernel: keyof RatingPasses;
  /** The `learningRate: "auto"` for a number of epochs: more epochs take smaller steps. */
  autoLearningRate(epochs: number): number;
  readonly autoSchedule: LearningRateSchedule;
  /** Floats of state that each user and item has, for rows of `stride` floats. */
  stateFloats(stride: number): number;
  /** Writes the state of all rows, zero so far, before the first epoch. */
  writeStates(states: Float32Array, stride: number): void;
  /** The kernel's parameter block, f32, for `factors` factors; the biases' rate is 0 where there are none to learn. */
  parameters(rate: number, biasRate: number, factors: number): number[];
}

const ADAM_BETA1 = 0.9;
const ADAM_BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

/**
 * The rates were chosen on ml-latest-small, LIBMF's demo and twelve generated sets of other shapes and scales; learning
 * rate × epochs is what counts for SGD and Adam.
 */
export const OPTIMIZERS: Record<OptimizerName, Optimizer> = {
  sgd: {
    kernel: "sgdRows",
    autoLearningRate: (epochs) => Math.min(0.1, 1.2 / epochs),
    autoSchedule: "linear",
    stateFloats: () => 0,
    writeStates: () => {},
    parameters: (rate, biasRate) => [rate, biasRate],
  },
  adagrad: {
    kernel: "adagradRows",
    autoLearningRate: () => 0.15,
    autoSchedule: "constant", // its accumulators are a schedule
    stateFloats: () => 2,
    writeStates: (states) => void states.fill(1), // as if one rating had been wrong by one standard deviation
    parameters: (rate, biasRate) => [rate, biasRate],
  },
  adam: {
    kernel: "adamRows",
    autoLearningRate: (epochs) => Math.min(0.05, 0.45 / epochs),
    autoSchedule: "linear",
    stateFloats: (stride) => 2 * stride + 4,
    writeStates: (states, stride) => {
      for (let row = 0; row < states.length; row += 2 * stride + 4)
        states.fill(1, row + 2 * stride + 2, row + 2 * stride + 4); // β₁⁰, β₂⁰
    },
    // Adam moves every factor by about its rate, and a row by √factors of that: this keeps a row's step the same.
    parameters: (rate, biasRate, factors) => {
      return [rate / Math.sqrt(factors), biasRate, ADAM_BETA1, ADAM_BETA2, ADAM_EPSILON];
    },
  },
};

/** The learning rate of an epoch, from 1. */
export function scheduledRate(rate: number, schedule: LearningRateSchedule, epoch: number, epochs: number): number {
  return schedule === "linear" ? rate * (1 - (epoch - 1) / epochs) : rate;
}
