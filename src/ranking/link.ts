/**
 * From the raw scores of a model to the scale of its ratings. A link never falls when a raw score rises, so the best by raw
 * score are the best; where it is flat, as beyond the ends of a bounded one, the raw score still tells which is better.
 */
import { exactExponential, exactLogarithm } from "../data/exact-math.js";
import { checkPositive, checkRange } from "../data/options.js";
import { LARGEST_VALUE } from "../storage/model-file.js";

/** The same bits on every engine, and never NaN of a number. */
export interface Link {
  readonly name: "identity" | "logistic" | "hyperbolicTangent" | "rectified";
  /** Numbers that tell the link again, by the names that model files have for them. */
  readonly named: Readonly<Record<string, number>>;
  /** Raw scores to ratings, in place, infinite ones to the ends. */
  apply(scores: Float32Array): Float32Array;
  /** The raw score of a finite rating, finite too; of one that the link does not give, that of the nearest it does. */
  inverse(rating: number): number;
}

/** Ratings are raw scores. */
export const IDENTITY: Link = { name: "identity", named: {}, apply: (scores) => scores, inverse: (rating) => rating };

/** The share of its range that a bounded link's inverse keeps from both ends, whose raw scores are infinite. */
export const END_SHARE = 0.02;

/**
 * lowest + (highest − lowest) σ(raw), σ(x) = 1/(1 + e^−x).
 * @param lowest, highest within ±LARGEST_VALUE, lowest ≤ highest @throws {RangeError} that names the end
 */
export function logistic(lowest: number, highest: number): Link {
  return sigmoid("logistic", lowest, highest, 1);
}

/** lowest + (highest − lowest) (1 + tanh raw)/2; else as `logistic`. */
export function hyperbolicTangent(lowest: number, highest: number): Link {
  return sigmoid("hyperbolicTangent", lowest, highest, 2); // (1 + tanh x)/2 = σ(2x)
}

/**
 * lowest + scale max(0, raw).
 * @param lowest within ±LARGEST_VALUE @param scale > 0 @throws {RangeError} that names the argument
 */
export function rectified(lowest: number, scale: number): Link {
  checkRange("lowest", lowest, -LARGEST_VALUE, LARGEST_VALUE);
  checkPositive("scale", scale);
  return {
    name: "rectified",
    named: { link_lowest: lowest, link_scale: scale },
    apply: (scores) => mapped(scores, (raw) => lowest + scale * Math.max(0, raw)),
    inverse: (rating) => Math.max(0, (rating - lowest) / scale),
  };
}

/** lowest + (highest − lowest) σ(slope raw) */
function sigmoid(name: Link["name"], lowest: number, highest: number, slope: number): Link {
  checkRange("lowest", lowest, -LARGEST_VALUE, LARGEST_VALUE);
  checkRange("highest", highest, lowest, LARGEST_VALUE);
  const span = highest - lowest;
  /** From the nearer end, so that the digits near both ends are kept, and the ends themselves are met. */
  const ratingOf = (raw: number): number => {
    const distance = span / (1 + exactExponential(slope * Math.abs(raw)));
    return raw < 0 ? lowest + distance : highest - distance;
  };
  return {
    name,
    named: { link_lowest: lowest, link_highest: highest },
    apply: (scores) => mapped(scores, ratingOf),
    inverse: (rating) => {
      const share = span > 0 ? (rating - lowest) / span : 0.5;
      const inside = Math.min(Math.max(share, END_SHARE), 1 - END_SHARE);
      return exactLogarithm(inside / (1 - inside)) / slope;
    },
  };
}

function mapped(scores: Float32Array, change: (raw: number) => number): Float32Array {
  for (let t = 0; t < scores.length; t++) scores[t] = change(scores[t]!);
  return scores;
}
