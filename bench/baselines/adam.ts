/** Biased matrix factorisation by sparse Adam in plain JavaScript; see sgd.ts for the form. */
import type { BaselineModel, BaselineRates, BaselineRatings } from "./sgd.js";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** One side's moments. A row is its factors and then its bias. */
export interface AdamSide {
  /** f32[rows × (stride + 1)] */
  first: Float32Array;
  /** f32[rows × (stride + 1)] */
  second: Float32Array;
  /** f64[rows × 2]: β₁ᵗ and β₂ᵗ of the row's own number of steps t */
  powers: Float64Array;
}

export interface AdamState {
  users: AdamSide;
  items: AdamSide;
}

export function adamState(model: BaselineModel): AdamState {
  const side = (rows: number): AdamSide => ({
    first: new Float32Array(rows * (model.stride + 1)),
    second: new Float32Array(rows * (model.stride + 1)),
    powers: new Float64Array(rows * 2).fill(1),
  });
  return { users: side(model.userBiases.length), items: side(model.itemBiases.length) };
}

/**
 * One epoch of Adam (Kingma, Ba 2015, end of section 2), sparse: a rating moves its own two rows only. For every number
 * x of them with ascent g: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², x ← x + η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
 * Returns Σ e², each error taken before its own update.
 */
export function adamEpoch(
  model: BaselineModel,
  ratings: BaselineRatings,
  { learningRate, regularization }: BaselineRates,
  { users: userSide, items: itemSide }: AdamState,
): number {
  const { users, items, values } = ratings;
  const { mean, stride, userFactors, itemFactors, userBiases, itemBiases } = model;
  const width = stride + 1;
  let squares = 0;
  for (let entry = 0; entry < values.length; entry++) {
    const user = users[entry]!;
    const item = items[entry]!;
    let p = user * stride;
    let q = item * stride;
    const end = p + stride;
    let product = 0;
    for (let a = p, b = q; a < end; a++, b++) product += userFactors[a]! * itemFactors[b]!;
    const error = values[entry]! - mean - userBiases[user]! - itemBiases[item]! - product;
    squares += error * error;
    const userRate = learningRate * correction(userSide.powers, user);
    const itemRate = learningRate * correction(itemSide.powers, item);
    let userAt = user * width;
    let itemAt = item * width;
    for (; p < end; p++, q++, userAt++, itemAt++) {
      const pValue = userFactors[p]!;
      const qValue = itemFactors[q]!;
      userFactors[p] = pValue + userRate * direction(userSide, userAt, error * qValue - regularization * pValue);
      itemFactors[q] = qValue + itemRate * direction(itemSide, itemAt, error * pValue - regularization * qValue);
    }
    userBiases[user]! += userRate * direction(userSide, userAt, error - regularization * userBiases[user]!);
    itemBiases[item]! += itemRate * direction(itemSide, itemAt, error - regularization * itemBiases[item]!);
  }
  return squares;
}

/** Counts a step of the row; returns √(1 − β₂ᵗ) / (1 − β₁ᵗ). */
function correction(powers: Float64Array, row: number): number {
  const power1 = powers[2 * row]! * BETA1;
  const power2 = powers[2 * row + 1]! * BETA2;
  powers[2 * row] = power1;
  powers[2 * row + 1] = power2;
  return Math.sqrt(1 - power2) / (1 - power1);
}

/** Moves both moments by a gradient; returns m / (√v + ε). */
function direction({ first, second }: AdamSide, at: number, gradient: number): number {
  const mean = BETA1 * first[at]! + (1 - BETA1) * gradient;
  const variance = BETA2 * second[at]! + (1 - BETA2) * gradient * gradient;
  first[at] = mean;
  second[at] = variance;
  return mean / (Math.sqrt(variance) + EPSILON);
}
