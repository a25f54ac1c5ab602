/** What alternating least squares brings down, in doubles, and whether solved rows satisfy their equations. */
import { AlsScratch, type AlsSide, gramOfRows } from "../baselines/als.js";
import type { AlsData, AlsKind } from "./als-data.js";
import { startFactors } from "./triples.js";

/** λ of ratings, for each rating of a row. */
export const PER_ENTRY = 0.05;
/** δ of confidences: the prototype's figures are with 10 on the diagonal. */
export const DAMPING = 10;
/** The weight of all pairs. */
export const ALL = 1;
const SEED = 1;

/** Both sides, where an epoch begins or ends. */
export interface AlsModel {
  factors: number;
  users: AlsSide;
  items: AlsSide;
}

/** Factors uniform in ± 0.05, no biases. */
export function startModel({ interactions: { numUsers, numItems } }: AlsData, factors: number): AlsModel {
  const side = (rows: number, seed: number) => ({
    factors: startFactors(rows * factors, 0.05, seed),
    biases: new Float32Array(rows),
  });
  return { factors, users: side(numUsers, SEED), items: side(numItems, SEED + 1) };
}

/** How an entry's value enters: w (p·q)² − 2 y (p·q) + y; Σ (r − …)² for ratings. */
export interface Pull {
  kind: AlsKind;
  /** y of an entry of weight 1. */
  pull: number;
}

/** The sum of squares with its penalties. */
export function alsObjective(data: AlsData, model: AlsModel, { kind, pull }: Pull): number {
  const { offsets, columns, values, numRows } = data.users.matrix;
  const { factors, users, items } = model;
  let sum = 0;
  for (let user = 0; user < numRows; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const item = columns[entry]!;
      let product = 0;
      for (let p = user * factors, q = item * factors, end = p + factors; p < end; p++, q++) {
        product += users.factors[p]! * items.factors[q]!;
      }
      sum +=
        kind === "implicit"
          ? (product - 2 * pull) * product + pull
          : (values[entry]! - data.interactions.mean - users.biases[user]! - items.biases[item]! - product) ** 2;
    }
  }
  return sum + penalty(data, model, kind);
}

function penalty(data: AlsData, { factors, users, items }: AlsModel, kind: AlsKind): number {
  if (kind === "implicit") {
    const gramOf = (side: AlsSide) => gramOfRows(side.factors, factors, 1, new AlsScratch(factors));
    const [userGram, itemGram] = [gramOf(users), gramOf(items)];
    let sum = 0;
    for (let i = 0; i < factors; i++) {
      const d = i * factors + i;
      sum += ALL * userGram[d]! * itemGram[d]! + DAMPING * (userGram[d]! + itemGram[d]!);
      for (let at = d + 1; at < (i + 1) * factors; at++) sum += 2 * ALL * userGram[at]! * itemGram[at]!;
    }
    return sum;
  }
  let sum = 0;
  for (const [{ matrix }, side] of [
    [data.users, users],
    [data.items, items],
  ] as const) {
    for (let row = 0; row < matrix.numRows; row++) {
      let squares = side.biases[row]! ** 2;
      for (let at = row * factors; at < (row + 1) * factors; at++) squares += side.factors[at]! ** 2;
      sum += PER_ENTRY * (matrix.offsets[row + 1]! - matrix.offsets[row]!) * squares;
    }
  }
  return sum;
}

/** How near objectives reached by the same steps must be. */
const AGREEMENT = 1e-3;

/**
 * The objective's number after an epoch. @throws if it is not finite, not below the start's, or not what others reached
 * who took the same steps; `steps` names these.
 */
export function checkObjective(data: AlsData, model: AlsModel, form: Pull, name: string, steps?: string): number {
  const start = remembered(data, `start ${form.kind} ${form.pull} ${model.factors}`, () =>
    alsObjective(data, startModel(data, model.factors), form),
  );
  const reached = alsObjective(data, model, form);
  if (!(reached < start)) throw new Error(`${name}: the objective must fall from ${start}, got ${reached}`);
  if (steps === undefined) return reached;
  const other = remembered(data, `${steps} ${model.factors}`, () => reached);
  if (!(Math.abs(reached - other) <= AGREEMENT * other)) {
    throw new Error(`${name}: others reach ${other} by ${steps}, got ${reached}`);
  }
  return reached;
}

function remembered({ reached }: AlsData, key: string, compute: () => number): number {
  const known = reached.get(key) ?? compute();
  reached.set(key, known);
  return known;
}

const CHECKED_ROWS = 20;
/** Rows of more entries take too long to check. */
const LONGEST_CHECKED = 1000;
const RESIDUAL = 1e-3;

/** @throws if items, the side that was solved last, do not satisfy their equations: ‖A x − y‖ against ‖y‖. */
export function checkSolvedItems(data: AlsData, model: AlsModel, kind: AlsKind, rows: Uint32Array, name: string): void {
  const { offsets } = data.items.matrix;
  const short = rows.filter((row) => {
    const n = offsets[row + 1]! - offsets[row]!;
    return n > 0 && n <= LONGEST_CHECKED;
  });
  const step = Math.max(1, Math.floor(short.length / CHECKED_ROWS));
  const { factors, users } = model;
  const gram = kind === "implicit" ? gramOfRows(users.factors, factors, ALL, new AlsScratch(factors)) : undefined;
  for (let at = 0; at < short.length; at += step) {
    const residual = residualOf(data, model, short[at]!, gram);
    if (!(residual < RESIDUAL)) throw new Error(`${name}: the equations of item ${short[at]} are off by ${residual}`);
  }
}

/** Of one item, in doubles: A x without A, and the bias with its own equation where there is one. */
function residualOf(data: AlsData, model: AlsModel, row: number, gram?: Float64Array): number {
  const { matrix } = data.items;
  const { mean } = data.interactions;
  const { factors, users, items } = model;
  const x = items.factors.subarray(row * factors, (row + 1) * factors);
  const [begin, end] = [matrix.offsets[row]!, matrix.offsets[row + 1]!];
  const lambda = gram ? DAMPING : PER_ENTRY * (end - begin);
  const errors = new Float64Array(factors + 1);
  const right = new Float64Array(factors + 1);
  for (let i = 0; i < factors; i++) {
    errors[i] = lambda * x[i]!;
    for (let j = 0; gram && j < factors; j++) {
      errors[i]! += gram[Math.min(i, j) * factors + Math.max(i, j)]! * x[j]!;
    }
  }
  if (!gram) errors[factors] = lambda * items.biases[row]!;
  for (let entry = begin; entry < end; entry++) {
    const column = matrix.columns[entry]!;
    const q = users.factors.subarray(column * factors, (column + 1) * factors);
    const target = gram ? 1 : matrix.values[entry]! - mean - users.biases[column]!;
    let score = gram ? 0 : items.biases[row]!;
    for (let f = 0; f < factors; f++) score += x[f]! * q[f]!;
    for (let f = 0; f < factors; f++) {
      errors[f]! += (score - target) * q[f]!;
      right[f]! += target * q[f]!;
    }
    if (gram) continue;
    errors[factors]! += score - target;
    right[factors]! += target;
  }
  return Math.hypot(...errors) / Math.hypot(...right);
}
