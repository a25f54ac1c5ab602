/** Ways to the solution of A x = y that go by steps, in plain f64 on the dense matrix; A is symmetric and positive. */
import { dot } from "./rating-pass.js";
import { solveEquations, type TwinEquations } from "./ridge-row.js";

/** x after so many steps of the conjugate gradient method (Hestenes, Stiefel 1952). */
export function conjugateGradientTwin(
  { matrix, right }: TwinEquations,
  start: ArrayLike<number>,
  steps: number,
): Float64Array {
  const x = Float64Array.from(start);
  const residual = right.map((y, i) => y - dot(matrix[i]!, x));
  const direction = residual.slice();
  let squares = dot(residual, residual);
  for (let step = 0; step < steps && squares > 0; step++) {
    const image = matrix.map((line) => dot(line, direction));
    const length = squares / dot(direction, image);
    for (let i = 0; i < x.length; i++) {
      x[i]! += length * direction[i]!;
      residual[i]! -= length * image[i]!;
    }
    const share = dot(residual, residual) / squares;
    squares *= share;
    for (let i = 0; i < x.length; i++) direction[i] = residual[i]! + share * direction[i]!;
  }
  return x;
}

/** x after each block of `block` unknowns, in order, was solved for with the others fixed. */
export function blockPassTwin({ matrix, right }: TwinEquations, start: ArrayLike<number>, block: number): Float64Array {
  const x = Float64Array.from(start);
  for (let first = 0; first < x.length; first += block) {
    const last = Math.min(first + block, x.length);
    const lines = matrix.slice(first, last);
    const rest = Float64Array.from(lines, (line, i) => right[first + i]! - dot(line, x));
    const step = solveEquations({ matrix: lines.map((line) => line.slice(first, last)), right: rest });
    step.forEach((each, i) => {
      x[first + i]! += each;
    });
  }
  return x;
}

/** x ≥ 0 but for the unknowns from `free` on: coordinate descent until f64 sees nothing move. */
export function nonNegativeTwin({ matrix, right }: TwinEquations, free: number): Float64Array {
  const x = new Float64Array(right.length);
  for (let sweep = 0; sweep < 100_000; sweep++) {
    let moved = 0;
    for (let i = 0; i < x.length; i++) {
      const best = x[i]! + (right[i]! - dot(matrix[i]!, x)) / matrix[i]![i]!;
      const next = i < free ? Math.max(0, best) : best;
      moved = Math.max(moved, Math.abs(next - x[i]!));
      x[i] = next;
    }
    if (moved <= 1e-15 * x.reduce((most, each) => Math.max(most, Math.abs(each)), 0)) return x;
  }
  throw new Error("the descent of the twin did not end");
}

/**
 * By how much x breaks the conditions of Karush, Kuhn and Tucker for x ≥ 0 but for the unknowns from `free` on, against
 * ‖A‖ ‖x‖ + ‖y‖: A x − y is 0 where x > 0, and not below 0 where x = 0. Infinite where x < 0.
 */
export function optimalityError(equations: TwinEquations, x: ArrayLike<number>, free: number): number {
  let errors = 0;
  equations.matrix.forEach((line, i) => {
    const slope = dot(line, x) - equations.right[i]!;
    if (i < free && x[i]! < 0) errors = Number.POSITIVE_INFINITY;
    errors += (i < free && x[i] === 0 ? Math.min(0, slope) : slope) ** 2;
  });
  return errors === 0 ? 0 : Math.sqrt(errors) / lengthsOf(equations, x);
}

/** ‖A x − y‖ / (‖A‖ ‖x‖ + ‖y‖): how little A and y would have to be others for x to be the solution; ‖A‖ after Frobenius. */
export function backwardError(equations: TwinEquations, x: ArrayLike<number>): number {
  const errors = equations.matrix.map((line, i) => dot(line, x) - equations.right[i]!);
  const length = Math.sqrt(dot(errors, errors));
  return length === 0 ? 0 : length / lengthsOf(equations, x);
}

function lengthsOf({ matrix, right }: TwinEquations, x: ArrayLike<number>): number {
  const squares = matrix.reduce((sum, line) => sum + dot(line, line), 0);
  return Math.sqrt(squares * dot(x, x)) + Math.sqrt(dot(right, right));
}
