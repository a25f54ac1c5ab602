/** What the rows of a bilinear model are solved from, the other side fixed: assembly/linalg/row-parameters.ts. */
import { exactPower } from "../data/exact-math.js";
import { type Confidence, signedWeights } from "./confidence.js";
import { IDENTITY, type Link } from "./link.js";

/** Bytes of the kernels' parameter block. */
export const PARAMETER_BYTES = 48;

/** What a parameter block is filled with, beside the addresses. */
export interface RowParameters {
  readonly perEntry: number;
  readonly damping: number;
  /** Negative: rows have no bias. */
  readonly biasPerEntry: number;
  readonly biasDamping: number;
  /** β: what is added to an entry's weight for its pull. */
  readonly shift: number;
  readonly nonNegative: boolean;
}

/** The equations of one model's rows, both sides'. */
export interface RowEquations {
  readonly parameters: RowParameters;
  /** α₀, the weight of every pair, observed or not; undefined where only what was observed counts. */
  readonly unobservedWeight: number | undefined;
  /** Whether rows have anything to be solved for, factors or not. */
  readonly hasBias: boolean;
  /** Numbers that tell the equations again, by the names that model files have for them. */
  readonly named: Readonly<Record<string, number>>;
  /** Writes values as the kernels take them. */
  writeTerms(values: Float32Array, terms: Float32Array): void;
  /** λ of a row of n entries when the other side has `numFixed` rows; undefined where the kernels work it out. */
  lambda(n: number, numFixed: number): number | undefined;
  /** What an interaction pulls the score of its column by: what `explain` multiplies its weight with. */
  pull(term: number, columnBias: number, offset: number): number;
}

/**
 * The pull of a row of n entries to zero: (perEntry n + damping) ‖p‖² + (biasPerEntry n + biasDamping) b², in units of the
 * values.
 */
export interface Ridge {
  readonly perEntry: number;
  readonly damping: number;
  readonly biasPerEntry: number;
  readonly biasDamping: number;
  /** Whether rows have a bias. */
  readonly biases: boolean;
  /** Whether factors are kept from being negative. Default false. */
  readonly nonNegative?: boolean;
}

/** Of a model whose rows have neither factors nor a bias. */
export const NO_RIDGE: Ridge = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, biases: false };

/**
 * Least squares of ratings with a ridge: Σ (z − offset − b_column − b − p·q)² + ridge, z the raw score that the link takes
 * to the rating: the rating itself without one.
 */
export class RatingEquations implements RowEquations {
  readonly parameters: RowParameters;
  readonly unobservedWeight = undefined;
  readonly hasBias: boolean;
  readonly named: Readonly<Record<string, number>>;
  readonly #link: Link;

  /** @param link of the scores; it is not among the numbers that tell the equations again. Default the identity. */
  constructor(
    { perEntry, damping, biasPerEntry, biasDamping, biases, nonNegative = false }: Ridge,
    link: Link = IDENTITY,
  ) {
    this.#link = link;
    const effective = biases ? biasPerEntry : -1;
    this.parameters = { perEntry, damping, biasPerEntry: effective, biasDamping, shift: 0, nonNegative };
    this.hasBias = biases;
    this.named = {
      ridge_per_entry: perEntry,
      ridge_damping: damping,
      ridge_bias_per_entry: biasPerEntry,
      ridge_bias_damping: biasDamping,
      ridge_biases: biases ? 1 : 0,
      ridge_non_negative: nonNegative ? 1 : 0,
    };
  }

  writeTerms(values: Float32Array, terms: Float32Array): void {
    if (this.#link === IDENTITY) terms.set(values);
    else for (let at = 0; at < values.length; at++) terms[at] = this.#link.inverse(values[at]!);
  }

  lambda(): undefined {
    return undefined;
  }

  pull(term: number, columnBias: number, offset: number): number {
    return term - offset - columnBias;
  }
}

/** How a row of implicit feedback is pulled to zero: λ (n + α₀ N)^ν ‖p‖², N the rows of the other side, or λ n^ν. */
export interface FrequencyRidge {
  readonly regularization: number;
  readonly exponent: number;
  /** Whether what was not observed counts, α₀ each. */
  readonly countUnobserved: boolean;
}

/**
 * Implicit feedback (Hu, Koren, Volinsky 2008; Rendle et al. 2021): every pair counts α₀ (p·q)², and an observed one with
 * weight w and preference 1 or 0 in addition what `Confidence` says.
 */
export class ConfidenceEquations implements RowEquations {
  readonly parameters: RowParameters;
  readonly unobservedWeight: number;
  readonly hasBias = false;
  readonly named: Readonly<Record<string, number>>;
  readonly #confidence: Confidence;
  readonly #ridge: FrequencyRidge;

  constructor(confidence: Confidence, ridge: FrequencyRidge) {
    this.#confidence = confidence;
    this.#ridge = ridge;
    this.unobservedWeight = confidence.unobservedWeight;
    const shift = confidence.observed === "added" ? 0 : confidence.unobservedWeight;
    this.parameters = { perEntry: 0, damping: 0, biasPerEntry: -1, biasDamping: 0, shift, nonNegative: false };
    this.named = {
      unobserved_weight: confidence.unobservedWeight,
      confidence_alpha: confidence.alpha,
      confidence_epsilon: confidence.epsilon,
      regularization: ridge.regularization,
      regularization_exponent: ridge.exponent,
      count_unobserved: ridge.countUnobserved ? 1 : 0,
    };
  }

  writeTerms(values: Float32Array, terms: Float32Array): void {
    signedWeights(this.#confidence, values, terms);
  }

  lambda(n: number, numFixed: number): number {
    const { regularization, exponent, countUnobserved } = this.#ridge;
    const mass = n + (countUnobserved ? this.unobservedWeight * numFixed : 0);
    return regularization * exactPower(mass, exponent); // 0^0 is 1: ν = 0 pulls all alike
  }

  pull(term: number): number {
    return Object.is(term, -0) || term < 0 ? 0 : Math.fround(term + this.parameters.shift);
  }
}
