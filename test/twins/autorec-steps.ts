/** The optimisers of AutoRec in plain f64, and a step of the whole network. */
import { entryCounts, type TwinBatch, type TwinDropout, type TwinNetwork, twinGradient } from "./autorec.js";

export type TwinOptimizerName = "adam" | "sgd" | "rprop";
export const TWIN_OPTIMIZERS: readonly TwinOptimizerName[] = ["adam", "sgd", "rprop"];

/** What an optimiser keeps of an array of parameters that always step together. */
export interface TwinState {
  steps: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Steps an array of parameters by its gradient, in place. */
export type TwinStepRule = (values: Float64Array, state: TwinState, gradient: Float64Array, rate: number) => void;

export interface TwinOptimizer {
  readonly step: TwinStepRule;
  /** What `second` begins with. */
  readonly initial: number;
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − η √(1−β₂ᵗ)/(1−β₁ᵗ) m/(√v + ε) (Kingma, Ba 2015) */
export function twinAdam(beta1: number, beta2: number, epsilon: number): TwinOptimizer {
  return {
    initial: 0,
    step: (values, state, gradient, rate) => {
      state.steps++;
      const correction = Math.sqrt(1 - beta2 ** state.steps) / (1 - beta1 ** state.steps);
      gradient.forEach((g, at) => {
        const m = beta1 * state.first[at]! + (1 - beta1) * g;
        const v = beta2 * state.second[at]! + (1 - beta2) * g * g;
        state.first[at] = m;
        state.second[at] = v;
        values[at]! -= (rate * correction * m) / (Math.sqrt(v) + epsilon);
      });
    },
  };
}

/** v ← momentum v + g, p ← p − η v (Polyak 1964) */
export function twinMomentum(momentum: number): TwinOptimizer {
  return {
    initial: 0,
    step: (values, state, gradient, rate) => {
      state.steps++;
      gradient.forEach((g, at) => {
        state.first[at] = momentum * state.first[at]! + g;
        values[at]! -= rate * state.first[at]!;
      });
    },
  };
}

/** RProp without the way back (Igel, Hüsken 2000); `rate` is the first step only. */
export function twinResilient(
  [down, up]: readonly [number, number],
  [least, most]: readonly [number, number],
  firstStep: number,
): TwinOptimizer {
  return {
    initial: firstStep,
    step: (values, state, gradient) => {
      state.steps++;
      gradient.forEach((g, at) => {
        const agreement = g * state.first[at]!;
        let moved = g;
        if (agreement > 0) state.second[at] = Math.min(state.second[at]! * up, most);
        if (agreement < 0) {
          state.second[at] = Math.max(state.second[at]! * down, least);
          moved = 0;
        }
        state.first[at] = moved;
        if (moved !== 0) values[at]! -= Math.sign(moved) * state.second[at]!;
      });
    },
  };
}

/** A network in training: each input's rows have a state of their own, and have taken steps of their own. */
export class TwinTraining {
  readonly network: TwinNetwork;
  readonly states: {
    readonly encoder: TwinState[];
    readonly decoder: TwinState[];
    readonly outputBias: TwinState[];
    readonly hiddenBias: TwinState;
  };
  readonly #optimizer: TwinOptimizer;

  constructor(network: TwinNetwork, optimizer: TwinOptimizer) {
    this.network = network;
    this.#optimizer = optimizer;
    const { initial } = optimizer;
    const stateOf = (length: number): TwinState => {
      return { steps: 0, first: new Float64Array(length), second: new Float64Array(length).fill(initial) };
    };
    this.states = {
      encoder: network.encoder.map((row) => stateOf(row.length)),
      decoder: network.decoder.map((row) => stateOf(row.length)),
      outputBias: network.decoder.map(() => stateOf(1)),
      hiddenBias: stateOf(network.hidden),
    };
  }

  /**
   * One step by one batch: an input's weights by the mean over its entries and its pull, μ by the mean over all entries;
   * what has no entry stays. Returns Σ e² before it.
   */
  step(batch: TwinBatch, rate: number, dropout?: TwinDropout): number {
    const { network, states } = this;
    const { gradient, loss } = twinGradient(network, batch, dropout);
    const counts = entryCounts(batch, network.outputBias.length);
    const { step } = this.#optimizer;
    counts.forEach((count, input) => {
      if (count === 0) return;
      for (const part of ["encoder", "decoder"] as const) {
        const pull = part === "encoder" ? network.encoderPulls[input]! : network.decoderPulls[input]!;
        const values = network[part][input]!;
        const mean = gradient[part][input]!.map((g, unit) => g / count + pull * values[unit]!);
        step(values, states[part][input]!, mean, rate);
      }
      const bias = network.outputBias.subarray(input, input + 1);
      const mean = Float64Array.of(gradient.outputBias[input]! / count + network.biasPulls[input]! * bias[0]!);
      step(bias, states.outputBias[input]!, mean, rate);
    });
    const numEntries = counts.reduce((sum, count) => sum + count, 0);
    const mean = gradient.hiddenBias.map((g) => g / numEntries);
    step(network.hiddenBias, states.hiddenBias, mean, rate);
    return loss;
  }
}
