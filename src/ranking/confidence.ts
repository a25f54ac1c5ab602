/** From the strength of an interaction to the weight that it has in implicit feedback. */

import { exactLogarithm } from "../data/exact-math.js";
import { describeValue } from "../data/options.js";

/** How a strength r becomes a weight: α|r|, α ln(1 + |r|/ε), or |r| as it is given. */
export type ConfidenceKind = "linear" | "log" | "given";

/**
 * What an observed pair of weight w and preference p (1 for r > 0, else 0) adds to the objective, every pair having
 * α₀ ŷ² in it: `"added"` w (p − ŷ)² beside that (Rendle et al. 2021); `"raised"` (α₀ + w)(p − ŷ)² instead of it (Hu,
 * Koren, Volinsky 2008: α₀ = 1); `"replaced"` w (p − ŷ)² instead of it.
 */
export type ObservedLoss = "added" | "raised" | "replaced";

export interface Confidence {
  readonly kind: ConfidenceKind;
  readonly alpha: number;
  /** ε, > 0 */
  readonly epsilon: number;
  readonly unobservedWeight: number;
  readonly observed: ObservedLoss;
}

/**
 * Writes w − α₀ for `"replaced"`, else w, with a minus sign (also before 0) where the preference is 0.
 * @throws {RangeError} for a weight below α₀ that is to replace it: the objective would have no least.
 */
export function signedWeights(confidence: Confidence, values: Float32Array, weights: Float32Array): void {
  const { observed, unobservedWeight } = confidence;
  const base = observed === "replaced" ? unobservedWeight : 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const weight = weightOf(confidence, Math.abs(value)) - base;
    if (!(weight >= 0)) rejectWeight(confidence, value);
    weights[at] = value > 0 ? weight : -weight;
  }
}

function weightOf({ kind, alpha, epsilon }: Confidence, strength: number): number {
  if (kind === "log") return alpha * exactLogarithm(1 + strength / epsilon);
  return kind === "linear" ? alpha * strength : strength;
}

function rejectWeight(confidence: Confidence, value: number): never {
  const weight = weightOf(confidence, Math.abs(value));
  throw new RangeError(
    `the weight of an interaction must be at least unobservedWeight, ${confidence.unobservedWeight}, where it replaces it, ` +
      `got ${weight} for the value ${describeValue(value)}; raise alpha`,
  );
}

/** Strengths that are looked at for the typical one. */
const SAMPLE = 65_536;

/** The median strength of what was observed, over a sample spread evenly where there are many; 1 for nothing but zeros. */
export function typicalStrength(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sample = new Float32Array(Math.ceil(values.length / step));
  let length = 0;
  for (let at = 0; at < values.length; at += step) if (values[at] !== 0) sample[length++] = Math.abs(values[at]!);
  return length === 0 ? 1 : sample.subarray(0, length).sort()[length >> 1]!;
}
