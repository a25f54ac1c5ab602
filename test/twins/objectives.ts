/** What alternating least squares minimises, each form written out from its own formula in plain f64, pair by pair. */
import { dot } from "./rating-pass.js";

/** users × items; undefined where nothing was observed. */
export type TwinTable = readonly (readonly (number | undefined)[])[];

/** A bilinear model. */
export interface TwinModel {
  readonly users: Float64Array[];
  readonly items: Float64Array[];
  readonly userBias: Float64Array;
  readonly itemBias: Float64Array;
}

/** An objective in its two parts. */
export interface TwinTerms {
  loss: number;
  penalty: number;
}

export type TwinObjective = (table: TwinTable, model: TwinModel) => TwinTerms;

/** How many of each row, and of each column, were observed. */
export function countsOf(table: TwinTable): { users: number[]; items: number[] } {
  const users = table.map((row) => row.filter((value) => value !== undefined).length);
  const items = table[0]!.map((_, item) => table.filter((row) => row[item] !== undefined).length);
  return { users, items };
}

const squares = (rows: readonly Float64Array[], lambda: (row: number) => number): number =>
  rows.reduce((sum, row, at) => sum + lambda(at) * dot(row, row), 0);

/** Σ over all pairs of what each adds. */
function overPairs(
  table: TwinTable,
  { users, items }: TwinModel,
  add: (value: number | undefined, score: number) => number,
): number {
  let sum = 0;
  for (const [user, p] of users.entries()) {
    for (const [item, q] of items.entries()) sum += add(table[user]![item], dot(p, q));
  }
  return sum;
}

/** Hu, Koren, Volinsky 2008, equation 3: Σ_all c (p − xᵀy)² + λ (Σ‖x‖² + Σ‖y‖²), c = 1 + α r, p = [r > 0]. */
export function huKorenVolinskyObjective(alpha: number, lambda: number): TwinObjective {
  return (table, model) => ({
    loss: overPairs(table, model, (r = 0, score) => (1 + alpha * r) * ((r > 0 ? 1 : 0) - score) ** 2),
    penalty: squares(model.users, () => lambda) + squares(model.items, () => lambda),
  });
}

/** The Python library implicit: the same with c = α r where observed, 1 elsewhere. */
export function implicitObjective(alpha: number, lambda: number): TwinObjective {
  return (table, model) => ({
    loss: overPairs(table, model, (r, score) => (r === undefined ? score ** 2 : alpha * r * (1 - score) ** 2)),
    penalty: squares(model.users, () => lambda) + squares(model.items, () => lambda),
  });
}

/** Spark: c = 1 + α|r|, p = 1 for r > 0, and λ n of what a row has. */
export function sparkObjective(alpha: number, lambda: number): TwinObjective {
  return (table, model) => {
    const counts = countsOf(table);
    return {
      loss: overPairs(table, model, (r = 0, score) => (1 + alpha * Math.abs(r)) * ((r > 0 ? 1 : 0) - score) ** 2),
      penalty:
        squares(model.users, (user) => lambda * counts.users[user]!) +
        squares(model.items, (item) => lambda * counts.items[item]!),
    };
  };
}

/** Rendle et al. 2021: Σ_observed (1 − ŷ)² + α₀ Σ_all ŷ² + λ Σ (n + α₀ N)^ν ‖·‖². */
export function rendleObjective(weight: number, lambda: number, exponent: number): TwinObjective {
  return (table, model) => {
    const counts = countsOf(table);
    const [numUsers, numItems] = [model.users.length, model.items.length];
    let loss = overPairs(table, model, (_, score) => weight * score ** 2);
    loss += overPairs(table, model, (r, score) => (r === undefined ? 0 : (1 - score) ** 2));
    return {
      loss,
      penalty:
        squares(model.users, (user) => lambda * (counts.users[user]! + weight * numItems) ** exponent) +
        squares(model.items, (item) => lambda * (counts.items[item]! + weight * numUsers) ** exponent),
    };
  };
}

/** Of any confidence: what an observed pair of a value adds beside or instead of α₀ ŷ². */
export interface TwinConfidences {
  readonly weightOf: (value: number) => number;
  readonly unobservedWeight: number;
  readonly observed: "added" | "raised" | "replaced";
  readonly lambda: number;
  readonly exponent: number;
  readonly countUnobserved: boolean;
}

export function confidenceObjective(own: TwinConfidences): TwinObjective {
  const { weightOf, unobservedWeight, observed, lambda, exponent, countUnobserved } = own;
  const pair = (value: number | undefined, score: number): number => {
    if (value === undefined) return unobservedWeight * score ** 2;
    const error = ((value > 0 ? 1 : 0) - score) ** 2;
    if (observed === "added") return weightOf(value) * error + unobservedWeight * score ** 2;
    return (weightOf(value) + (observed === "raised" ? unobservedWeight : 0)) * error;
  };
  return (table, model) => {
    const counts = countsOf(table);
    const massOf = (n: number, others: number): number => n + (countUnobserved ? unobservedWeight * others : 0);
    return {
      loss: overPairs(table, model, pair),
      penalty:
        squares(model.users, (user) => lambda * massOf(counts.users[user]!, model.items.length) ** exponent) +
        squares(model.items, (item) => lambda * massOf(counts.items[item]!, model.users.length) ** exponent),
    };
  };
}

/** λ n + δ of factors, in units of the spread, and of biases. */
export interface TwinPulls {
  readonly regularization: number;
  readonly damping: number;
  readonly biasRegularization: number;
  readonly biasDamping: number;
  readonly biases: boolean;
  readonly offset: number;
}

/** Σ_observed (r − μ − b_u − b_i − p·q)² + σ Σ (λ n + δ) ‖·‖² + Σ (λ' n + δ') b², σ² the mean of (r − μ)². */
export function ratingObjective(own: TwinPulls): TwinObjective {
  return (table, { users, items, userBias, itemBias }) => {
    const counts = countsOf(table);
    let [loss, size, distance] = [0, 0, 0];
    for (const [user, row] of table.entries()) {
      for (const [item, value] of row.entries()) {
        if (value === undefined) continue;
        const score = own.offset + userBias[user]! + itemBias[item]! + dot(users[user]!, items[item]!);
        loss += (value - score) ** 2;
        distance += (value - own.offset) ** 2;
        size++;
      }
    }
    const spread = Math.sqrt(distance / size);
    const pull = (n: number): number => (n === 0 ? 0 : spread * (own.regularization * n + own.damping));
    const biasPull = (n: number): number => (own.biases ? own.biasRegularization * n + own.biasDamping : 0);
    const biasPenalty = (biases: Float64Array, ns: readonly number[]): number =>
      biases.reduce((sum, bias, at) => sum + biasPull(ns[at]!) * bias ** 2, 0);
    return {
      loss,
      penalty:
        squares(users, (user) => pull(counts.users[user]!)) +
        squares(items, (item) => pull(counts.items[item]!)) +
        biasPenalty(userBias, counts.users) +
        biasPenalty(itemBias, counts.items),
    };
  };
}

/** All numbers of a model, row by row: views, to be written to. */
export function partsOf({ users, items, userBias, itemBias }: TwinModel, biases: boolean): Float64Array[] {
  return [...users, ...items, ...(biases ? [userBias, itemBias] : [])];
}

/** ∂ of loss and of penalty in each number. Both are quadratic in any one of them: the quotient is exact but for rounding. */
export function slopesOf(
  objective: TwinObjective,
  table: TwinTable,
  model: TwinModel,
  biases: boolean,
): { loss: Float64Array[]; penalty: Float64Array[] } {
  const step = 2 ** -10;
  const slopes = { loss: [] as Float64Array[], penalty: [] as Float64Array[] };
  for (const part of partsOf(model, biases)) {
    const own = { loss: new Float64Array(part.length), penalty: new Float64Array(part.length) };
    for (const [at, value] of part.entries()) {
      part[at] = value + step;
      const above = objective(table, model);
      part[at] = value - step;
      const below = objective(table, model);
      part[at] = value;
      own.loss[at] = (above.loss - below.loss) / (2 * step);
      own.penalty[at] = (above.penalty - below.penalty) / (2 * step);
    }
    slopes.loss.push(own.loss);
    slopes.penalty.push(own.penalty);
  }
  return slopes;
}

/** The objective with one side's rows at their least, the other side fixed; all of it is quadratic in a row. */
export function bestHalf(
  objective: TwinObjective,
  table: TwinTable,
  model: TwinModel,
  side: "users" | "items",
  solve: (equations: { matrix: Float64Array[]; right: Float64Array }) => Float64Array,
): TwinModel {
  const solved = { ...model, [side]: model[side].map((row) => row.slice()) };
  const total = (): number => {
    const { loss, penalty } = objective(table, solved);
    return loss + penalty;
  };
  for (const row of solved[side]) {
    row.fill(0);
    const base = total();
    const at = (...ones: number[]): number => {
      row.fill(0);
      for (const one of ones) row[one]! += 1;
      return total();
    };
    const single = Array.from(row, (_, i) => at(i) - base); // H_ii/2 + g_i
    const negative = Array.from(row, (_, i) => {
      row.fill(0);
      row[i] = -1;
      return total() - base; // H_ii/2 − g_i
    });
    const right = Float64Array.from(row, (_, i) => (negative[i]! - single[i]!) / 2);
    const matrix = Array.from(row, (_, i) =>
      Float64Array.from(row, (_, j) =>
        i === j ? single[i]! + negative[i]! : at(i, j) - base - single[i]! - single[j]!,
      ),
    );
    row.set(solve({ matrix, right }));
  }
  return solved;
}
