/**
 * Biased matrix factorisation by stochastic gradient descent in plain JavaScript: what a careful programmer writes
 * without WebAssembly. Typed arrays, nothing allocated in the loops, sums in four accumulators, four factors a turn.
 * No other form tried on V8 11.3 and 13.6 was reliably faster, and most were slower: one or eight factors a turn,
 * `Math.fround` throughout, Float64Array factors, the user's row in a scratch array, the next rating's
 * product in the same sweep. The order of the ratings matters more than any of them: see bench/harness/triples.ts.
 */

/** Triples, visited in the order given. */
export interface BaselineRatings {
  /** u32[size] */
  users: Uint32Array;
  /** u32[size] */
  items: Uint32Array;
  /** f32[size] */
  values: Float32Array;
}

/** r̂ = mean + userBiases[u] + itemBiases[i] + userFactors[u] · itemFactors[i]. */
export interface BaselineModel {
  mean: number;
  /** Floats in a row of factors: a multiple of 4, the rest of the row zero. */
  stride: number;
  /** f32[numUsers × stride] */
  userFactors: Float32Array;
  /** f32[numItems × stride] */
  itemFactors: Float32Array;
  /** f32[numUsers] */
  userBiases: Float32Array;
  /** f32[numItems] */
  itemBiases: Float32Array;
}

export interface BaselineRates {
  learningRate: number;
  regularization: number;
}

/** mean + b_u + b_i + p_u · q_i */
function predictAt(model: BaselineModel, user: number, item: number): number {
  const { stride, userFactors, itemFactors } = model;
  const end = (user + 1) * stride;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let p = user * stride, q = item * stride; p < end; p += 4, q += 4) {
    sum0 += userFactors[p]! * itemFactors[q]!;
    sum1 += userFactors[p + 1]! * itemFactors[q + 1]!;
    sum2 += userFactors[p + 2]! * itemFactors[q + 2]!;
    sum3 += userFactors[p + 3]! * itemFactors[q + 3]!;
  }
  return model.mean + model.userBiases[user]! + model.itemBiases[item]! + (sum0 + sum2 + (sum1 + sum3));
}

/** The root of the mean squared error over the ratings. */
export function baselineRmse(model: BaselineModel, { users, items, values }: BaselineRatings): number {
  let squares = 0;
  for (let entry = 0; entry < values.length; entry++) {
    squares += (values[entry]! - predictAt(model, users[entry]!, items[entry]!)) ** 2;
  }
  return Math.sqrt(squares / values.length);
}

/**
 * One epoch of SGD: x ← x + η (e y − λ x) for both rows with the old values, b ← b + η (e − λ b) for both biases.
 * Returns Σ e², each error taken before its own update.
 */
export function sgdEpoch(model: BaselineModel, ratings: BaselineRatings, rates: BaselineRates): number {
  const { users, items, values } = ratings;
  const { mean, stride, userFactors, itemFactors, userBiases, itemBiases } = model;
  const { learningRate, regularization } = rates;
  const decay = 1 - learningRate * regularization;
  const size = values.length;
  let squares = 0;
  for (let entry = 0; entry < size; entry++) {
    const user = users[entry]!;
    const item = items[entry]!;
    const row = user * stride;
    const column = item * stride;
    const end = row + stride;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let p = row, q = column; p < end; p += 4, q += 4) {
      sum0 += userFactors[p]! * itemFactors[q]!;
      sum1 += userFactors[p + 1]! * itemFactors[q + 1]!;
      sum2 += userFactors[p + 2]! * itemFactors[q + 2]!;
      sum3 += userFactors[p + 3]! * itemFactors[q + 3]!;
    }
    const error = values[entry]! - mean - userBiases[user]! - itemBiases[item]! - (sum0 + sum2 + (sum1 + sum3));
    squares += error * error;
    const step = learningRate * error;
    userBiases[user] = decay * userBiases[user]! + step;
    itemBiases[item] = decay * itemBiases[item]! + step;
    for (let p = row, q = column; p < end; p += 4, q += 4) {
      const p0 = userFactors[p]!;
      const q0 = itemFactors[q]!;
      const p1 = userFactors[p + 1]!;
      const q1 = itemFactors[q + 1]!;
      const p2 = userFactors[p + 2]!;
      const q2 = itemFactors[q + 2]!;
      const p3 = userFactors[p + 3]!;
      const q3 = itemFactors[q + 3]!;
      userFactors[p] = decay * p0 + step * q0;
      itemFactors[q] = decay * q0 + step * p0;
      userFactors[p + 1] = decay * p1 + step * q1;
      itemFactors[q + 1] = decay * q1 + step * p1;
      userFactors[p + 2] = decay * p2 + step * q2;
      itemFactors[q + 2] = decay * q2 + step * p2;
      userFactors[p + 3] = decay * p3 + step * q3;
      itemFactors[q + 3] = decay * q3 + step * p3;
    }
  }
  return squares;
}

/** A row's sum of mean squared gradients G, and its bias's H; all start above 0. */
export interface AdagradState {
  /** f64[numUsers] */
  userFactors: Float64Array;
  /** f64[numItems] */
  itemFactors: Float64Array;
  /** f64[numUsers] */
  userBiases: Float64Array;
  /** f64[numItems] */
  itemBiases: Float64Array;
}

export function adagradState(model: BaselineModel, initial = 1): AdagradState {
  return {
    userFactors: new Float64Array(model.userBiases.length).fill(initial),
    itemFactors: new Float64Array(model.itemBiases.length).fill(initial),
    userBiases: new Float64Array(model.userBiases.length).fill(initial),
    itemBiases: new Float64Array(model.itemBiases.length).fill(initial),
  };
}

/**
 * One epoch of AdaGrad with one rate a row: g = e y − λ x, x ← x + η G^-½ g, then G ← G + ‖g‖² / factors; a bias
 * likewise. Returns Σ e², each error taken before its own update.
 */
export function adagradEpoch(
  model: BaselineModel,
  ratings: BaselineRatings,
  { learningRate, regularization }: BaselineRates,
  factors: number,
  state: AdagradState,
): number {
  const { users, items, values } = ratings;
  const { stride, userFactors, itemFactors } = model;
  let squares = 0;
  for (let entry = 0; entry < values.length; entry++) {
    const user = users[entry]!;
    const item = items[entry]!;
    const error = values[entry]! - predictAt(model, user, item);
    squares += error * error;
    stepBias(model.userBiases, state.userBiases, user, error, learningRate, regularization);
    stepBias(model.itemBiases, state.itemBiases, item, error, learningRate, regularization);
    const userStep = learningRate / Math.sqrt(state.userFactors[user]!);
    const itemStep = learningRate / Math.sqrt(state.itemFactors[item]!);
    let userSquares = 0;
    let itemSquares = 0;
    for (let p = user * stride, q = item * stride, end = p + stride; p < end; p++, q++) {
      const pValue = userFactors[p]!;
      const qValue = itemFactors[q]!;
      const userGradient = error * qValue - regularization * pValue;
      const itemGradient = error * pValue - regularization * qValue;
      userSquares += userGradient * userGradient;
      itemSquares += itemGradient * itemGradient;
      userFactors[p] = pValue + userStep * userGradient;
      itemFactors[q] = qValue + itemStep * itemGradient;
    }
    state.userFactors[user]! += userSquares / factors;
    state.itemFactors[item]! += itemSquares / factors;
  }
  return squares;
}

function stepBias(
  biases: Float32Array,
  squares: Float64Array,
  row: number,
  error: number,
  learningRate: number,
  regularization: number,
): void {
  const gradient = error - regularization * biases[row]!;
  biases[row]! += (learningRate / Math.sqrt(squares[row]!)) * gradient;
  squares[row]! += gradient * gradient;
}
