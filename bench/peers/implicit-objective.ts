/** What implicit alternating least squares minimises, in double precision, whoever found the factors. */
import { type DataSet, readFloats, readIndices } from "./data-sets.js";

export interface ImplicitFactors {
  /** Files of float32 rows, one a user and one an item. */
  userFactors: string;
  itemFactors: string;
  factors: number;
  alpha: number;
  regularization: number;
}

/**
 * Σ over all pairs c (p − ŷ)² + λ (‖P‖² + ‖Q‖²), where p is 1 and c α for observed pairs, 0 and 1 for the others (Hu, Koren,
 * Volinsky 2008, with the weights of the library implicit); divided by the number of pairs observed.
 */
export function implicitObjective({ folder, trainSize }: DataSet, given: ImplicitFactors): number {
  const { factors, alpha, regularization } = given;
  const [p, q] = [readFloats(given.userFactors), readFloats(given.itemFactors)];
  const [users, items] = [readIndices(`${folder}/train-users.bin`), readIndices(`${folder}/train-items.bin`)];
  const [gramP, gramQ] = [gram(p, factors), gram(q, factors)];
  let total = gramP.reduce((sum, number, at) => sum + number * gramQ[at]!, 0); // Σ over all pairs ŷ²
  for (let entry = 0; entry < trainSize; entry++) {
    const [from, to] = [users[entry]! * factors, items[entry]! * factors];
    let score = 0;
    for (let factor = 0; factor < factors; factor++) score += p[from + factor]! * q[to + factor]!;
    total += alpha * (1 - score) ** 2 - score ** 2;
  }
  for (let factor = 0; factor < factors; factor++) {
    total += regularization * (gramP[factor * (factors + 1)]! + gramQ[factor * (factors + 1)]!);
  }
  return total / trainSize;
}

/** RᵀR of rows R, factors × factors. */
function gram(rows: Float32Array, factors: number): Float64Array {
  const sums = new Float64Array(factors * factors);
  for (let begin = 0; begin < rows.length; begin += factors) {
    for (let i = 0; i < factors; i++) {
      const left = rows[begin + i]!;
      for (let j = 0; j < factors; j++) sums[i * factors + j]! += left * rows[begin + j]!;
    }
  }
  return sums;
}
