/**
 * One row of confidences with the columns fixed, in plain f64: what it is to make least, the gradient of that, and the
 * normal equations as a dense matrix. An entry v has the weight w = |v| and pulls with y = w + β, or with 0 where v has a
 * minus sign, be it that of −0.
 */
import { dot, type TwinSide } from "./rating-pass.js";
import type { TwinEntries, TwinEquations } from "./ridge-row.js";

/** Σ [w (p·q)² − 2 y (p·q)] + pᵀ G p + λ ‖p‖² */
export interface TwinConfidence {
  /** G, factors × factors. */
  gram: Float64Array[];
  /** λ n + δ is the λ of a row of n entries, */
  perEntry: number;
  damping: number;
  /** where it is not given row by row. */
  lambdas?: ArrayLike<number>;
  beta: number;
}

export const weightOf = (value: number): number => Math.abs(value);

export function pullOf(value: number, beta: number): number {
  return value < 0 || Object.is(value, -0) ? 0 : value + beta;
}

export function lambdaOf({ perEntry, damping, lambdas }: TwinConfidence, row: number, n: number): number {
  return lambdas?.[row] ?? perEntry * n + damping;
}

/** scale · Σ q qᵀ of rows [begin, end). */
export function gramTwin(rows: readonly Float64Array[], scale = 1, begin = 0, end = rows.length): Float64Array[] {
  const factors = rows[0]?.length ?? 0;
  const gram = Array.from({ length: factors }, () => new Float64Array(factors));
  for (const q of rows.slice(begin, end)) {
    for (let i = 0; i < factors; i++) {
      for (let j = 0; j < factors; j++) gram[i]![j]! += scale * q[i]! * q[j]!;
    }
  }
  return gram;
}

/** ½ ∂/∂p of what is to be least, set to zero: (G + Σ w q qᵀ + λ I) p = Σ y q. */
export function confidenceEquations(
  columns: TwinSide,
  entries: TwinEntries,
  { gram, beta }: TwinConfidence,
  lambda: number,
): TwinEquations {
  const factors = gram.length;
  const matrix = gram.map((line) => line.slice());
  const right = new Float64Array(factors);
  for (let t = 0; t < entries.columns.length; t++) {
    const q = columns.factors[entries.columns[t]!]!;
    const weight = weightOf(entries.values[t]!);
    const pull = pullOf(entries.values[t]!, beta);
    for (let i = 0; i < factors; i++) {
      const line = matrix[i]!;
      const share = weight * q[i]!;
      right[i]! += pull * q[i]!;
      for (let j = 0; j < factors; j++) line[j]! += share * q[j]!;
    }
  }
  for (let i = 0; i < factors; i++) matrix[i]![i]! += lambda;
  return { matrix, right };
}

/** Σ [w (p·q)² − 2 y (p·q) + y] over the entries of one row: what they are short of. */
export function confidenceLoss(columns: TwinSide, entries: TwinEntries, beta: number, p: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < entries.columns.length; t++) {
    const score = dot(columns.factors[entries.columns[t]!]!, p);
    const pull = pullOf(entries.values[t]!, beta);
    sum += weightOf(entries.values[t]!) * score * score - 2 * pull * score + pull;
  }
  return sum;
}

/** What a row is to make least, and the y of its entries, which it cannot change. */
export function confidenceObjective(
  columns: TwinSide,
  entries: TwinEntries,
  confidence: TwinConfidence,
  lambda: number,
  p: ArrayLike<number>,
): number {
  let sum = confidenceLoss(columns, entries, confidence.beta, p) + lambda * dot(p, p);
  confidence.gram.forEach((line, i) => {
    sum += p[i]! * dot(line, p);
  });
  return sum;
}

/** Half the gradient of the objective: (G + λ I) p + Σ (w (p·q) − y) q. */
export function confidenceGradient(
  columns: TwinSide,
  entries: TwinEntries,
  { gram, beta }: TwinConfidence,
  lambda: number,
  p: ArrayLike<number>,
): Float64Array {
  const gradient = Float64Array.from(gram, (line, i) => dot(line, p) + lambda * p[i]!);
  for (let t = 0; t < entries.columns.length; t++) {
    const q = columns.factors[entries.columns[t]!]!;
    const share = weightOf(entries.values[t]!) * dot(q, p) - pullOf(entries.values[t]!, beta);
    q.forEach((each, f) => {
      gradient[f]! += share * each;
    });
  }
  return gradient;
}
