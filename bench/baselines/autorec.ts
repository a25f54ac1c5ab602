/**
 * AutoRec (Sedhain, Menon, Sanner, Xie 2015) in plain JavaScript: sigmoid hidden units, identity outputs, observed entries
 * alone at both ends, Adam. Rows of both matrices lie whole, by input.
 */
import { dots, gather, scatter } from "./row-sums.js";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export interface AutoRecWeights {
  hidden: number;
  /** V and W, f32[inputs × hidden] */
  encoder: Float32Array;
  decoder: Float32Array;
  /** μ, f32[hidden] */
  hiddenBias: Float32Array;
  /** b, f32[inputs] */
  outputBias: Float32Array;
  /** f32[inputs]: the pull to zero of an input's row of V, for one entry; of its row of W; of its output bias */
  encoderPulls: Float32Array;
  decoderPulls: Float32Array;
  biasPulls: Float32Array;
}

/** Rows of the autoencoder, each a slot: their entries by input. */
export interface AutoRecBatch {
  numSlots: number;
  /** u32[active]: the inputs with an entry */
  inputs: Uint32Array;
  /** u32[active + 1]: where the entries of each begin */
  offsets: Uint32Array;
  /** u32[entries]: no slot twice in an input */
  slots: Uint32Array;
  /** f32[entries]: what the encoder is given, and what the output is to be */
  values: Float32Array;
}

/** Both moments of as many parameters. */
interface Moments {
  first: Float32Array;
  second: Float32Array;
}

const momentsOf = ({ length }: Float32Array): Moments => ({
  first: new Float32Array(length),
  second: new Float32Array(length),
});

/** Adam's memory, and what a step works in. */
export class AutoRecState {
  readonly encoder: Moments;
  readonly decoder: Moments;
  readonly hiddenBias: Moments;
  readonly outputBias: Moments;
  /** f64[inputs × 2]: β₁ᵗ and β₂ᵗ of the input's own number of steps t */
  readonly powers: Float64Array;
  /** β₁ᵗ and β₂ᵗ of the hidden bias, which steps with every batch */
  readonly hiddenPowers = new Float64Array(2).fill(1);
  /** Z and D, f32[slots × hidden] */
  readonly codes: Float32Array;
  readonly codeErrors: Float32Array;
  /** δ of each entry of a batch */
  readonly errors: Float32Array;
  /** Σ of a row's gradients */
  readonly sums: Float64Array;
  /** The corrected learning rate of each active input */
  readonly rates: Float64Array;

  constructor(weights: AutoRecWeights, batches: readonly AutoRecBatch[]) {
    const most = (count: (batch: AutoRecBatch) => number) => Math.max(0, ...batches.map(count));
    this.encoder = momentsOf(weights.encoder);
    this.decoder = momentsOf(weights.decoder);
    this.hiddenBias = momentsOf(weights.hiddenBias);
    this.outputBias = momentsOf(weights.outputBias);
    this.powers = new Float64Array(2 * weights.outputBias.length).fill(1);
    this.codes = new Float32Array(most(({ numSlots }) => numSlots) * weights.hidden);
    this.codeErrors = new Float32Array(this.codes.length);
    this.errors = new Float32Array(most(({ slots }) => slots.length));
    this.sums = new Float64Array(weights.hidden);
    this.rates = new Float64Array(most(({ inputs }) => inputs.length));
  }
}

/** One step by a batch. Returns Σ e² over its entries, before the step. */
export function autorecStep(
  weights: AutoRecWeights,
  state: AutoRecState,
  batch: AutoRecBatch,
  learningRate: number,
): number {
  encode(weights, batch, state.codes);
  const squares = decode(weights, state, batch, learningRate);
  learnDecoder(weights, state, batch);
  learnHiddenBias(weights, state, batch, learningRate);
  learnEncoder(weights, state, batch);
  return squares;
}

/** Z ← σ(μ + Σ x V). */
function encode({ hidden, encoder, hiddenBias }: AutoRecWeights, batch: AutoRecBatch, codes: Float32Array): void {
  const { numSlots, inputs, offsets, slots, values } = batch;
  const length = numSlots * hidden;
  for (let at = 0; at < length; at += hidden) codes.set(hiddenBias, at);
  for (let active = 0; active < inputs.length; active++) {
    const row = inputs[active]! * hidden;
    scatter(encoder, row, hidden, slots, values, offsets[active]!, offsets[active + 1]!, codes);
  }
  for (let at = 0; at < length; at++) codes[at] = 1 / (1 + Math.exp(-codes[at]!));
}

/** δ ← b + w·z − x, and the steps of b. Returns Σ δ². */
function decode(weights: AutoRecWeights, state: AutoRecState, batch: AutoRecBatch, learningRate: number): number {
  const { hidden, decoder, outputBias, biasPulls: pulls } = weights;
  const { inputs, offsets, slots, values } = batch;
  const { codes, errors, powers, rates } = state;
  let squares = 0;
  for (let active = 0; active < inputs.length; active++) {
    const input = inputs[active]!;
    const begin = offsets[active]!;
    const end = offsets[active + 1]!;
    dots(decoder, input * hidden, hidden, slots, begin, end, codes, errors);
    const bias = outputBias[input]!;
    let sum = 0;
    for (let entry = begin; entry < end; entry++) {
      const error = errors[entry]! + bias - values[entry]!;
      errors[entry] = error;
      sum += error;
      squares += error * error;
    }
    const rate = learningRate * correction(powers, input);
    rates[active] = rate;
    state.sums[0] = sum;
    adamStep(outputBias, state.outputBias, input, 1, state.sums, 1 / (end - begin), pulls[input]!, rate);
  }
  return squares;
}

/** D ← Σ δ W as W is before its step; W steps by Σ δ z. */
function learnDecoder(
  { hidden, decoder, decoderPulls: pulls }: AutoRecWeights,
  state: AutoRecState,
  batch: AutoRecBatch,
): void {
  const { inputs, offsets, slots, numSlots } = batch;
  const { codes, codeErrors, errors, rates, sums } = state;
  codeErrors.fill(0, 0, numSlots * hidden);
  for (let active = 0; active < inputs.length; active++) {
    const input = inputs[active]!;
    const begin = offsets[active]!;
    const end = offsets[active + 1]!;
    scatter(decoder, input * hidden, hidden, slots, errors, begin, end, codeErrors);
    gather(codes, hidden, slots, errors, begin, end, sums);
    const share = 1 / (end - begin);
    adamStep(decoder, state.decoder, input * hidden, hidden, sums, share, pulls[input]!, rates[active]!);
  }
}

/** D ← D ∘ z (1 − z); μ steps by Σ D over all slots, divided by the number of entries. */
function learnHiddenBias(
  { hidden, hiddenBias }: AutoRecWeights,
  state: AutoRecState,
  { numSlots, slots }: AutoRecBatch,
  learningRate: number,
): void {
  const { codes, codeErrors, hiddenPowers, sums } = state;
  sums.fill(0);
  for (let row = 0; row < numSlots * hidden; row += hidden) {
    for (let unit = 0, at = row; unit < hidden; unit++, at++) {
      const z = codes[at]!;
      const error = codeErrors[at]! * z * (1 - z);
      codeErrors[at] = error;
      sums[unit]! += error;
    }
  }
  const rate = learningRate * correction(hiddenPowers, 0);
  adamStep(hiddenBias, state.hiddenBias, 0, hidden, sums, 1 / slots.length, 0, rate);
}

/** V steps by Σ x D. */
function learnEncoder(
  { hidden, encoder, encoderPulls: pulls }: AutoRecWeights,
  state: AutoRecState,
  batch: AutoRecBatch,
): void {
  const { inputs, offsets, slots, values } = batch;
  const { codeErrors, rates, sums } = state;
  for (let active = 0; active < inputs.length; active++) {
    const input = inputs[active]!;
    const begin = offsets[active]!;
    const end = offsets[active + 1]!;
    gather(codeErrors, hidden, slots, values, begin, end, sums);
    const share = 1 / (end - begin);
    adamStep(encoder, state.encoder, input * hidden, hidden, sums, share, pulls[input]!, rates[active]!);
  }
}

/** Counts a step of an input; returns √(1 − β₂ᵗ) / (1 − β₁ᵗ). */
function correction(powers: Float64Array, input: number): number {
  const power1 = powers[2 * input]! * BETA1;
  const power2 = powers[2 * input + 1]! * BETA2;
  powers[2 * input] = power1;
  powers[2 * input + 1] = power2;
  return Math.sqrt(1 - power2) / (1 - power1);
}

/** Adam (Kingma, Ba 2015) for `length` parameters from `begin` on, their gradients share · sum + pull · p. */
function adamStep(
  parameters: Float32Array,
  { first, second }: Moments,
  begin: number,
  length: number,
  sums: Float64Array,
  share: number,
  pull: number,
  rate: number,
): void {
  for (let unit = 0, at = begin; unit < length; unit++, at++) {
    const value = parameters[at]!;
    const gradient = share * sums[unit]! + pull * value;
    const mean = BETA1 * first[at]! + (1 - BETA1) * gradient;
    const variance = BETA2 * second[at]! + (1 - BETA2) * gradient * gradient;
    first[at] = mean;
    second[at] = variance;
    parameters[at] = value - (rate * mean) / (Math.sqrt(variance) + EPSILON);
  }
}
