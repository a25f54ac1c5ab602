/**
 * One row of a bilinear model with the columns fixed, in plain f64: the normal equations written out as a dense matrix and
 * solved by Gaussian elimination with pivoting.
 */
import { dot, type TwinSide } from "./rating-pass.js";

/** Entries of one row. */
export interface TwinEntries {
  columns: ArrayLike<number>;
  values: ArrayLike<number>;
}

/** (λ n + δ) ‖p‖² + (λ' n + δ') b²; λ' < 0: no bias. */
export interface TwinRidge {
  perEntry: number;
  damping: number;
  biasPerEntry: number;
  biasDamping: number;
  offset: number;
}

/** A x = y, x the factors and, if there is one, the bias behind them. */
export interface TwinEquations {
  matrix: Float64Array[];
  right: Float64Array;
}

/** [q, 1], or q if rows have no bias. */
export function extended(columns: TwinSide, column: number, ridge: TwinRidge): Float64Array {
  const q = columns.factors[column]!;
  return ridge.biasPerEntry < 0 ? q : Float64Array.of(...q, 1);
}

/** What is left of a value for the row to explain. */
export function residualOf(columns: TwinSide, column: number, value: number, ridge: TwinRidge): number {
  return value - ridge.offset - columns.biases[column]!;
}

/** ∂/∂x of Σ (z − x·[q, 1])² + (λ n + δ) ‖p‖² + (λ' n + δ') b², set to zero. */
export function ridgeEquations(columns: TwinSide, entries: TwinEntries, ridge: TwinRidge): TwinEquations {
  const factors = columns.factors[0]?.length ?? 0;
  const size = factors + (ridge.biasPerEntry < 0 ? 0 : 1);
  const count = entries.columns.length;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  for (let t = 0; t < count; t++) {
    const column = entries.columns[t]!;
    const q = extended(columns, column, ridge);
    const z = residualOf(columns, column, entries.values[t]!, ridge);
    for (let i = 0; i < size; i++) {
      const line = matrix[i]!;
      const share = q[i]!;
      right[i]! += z * share;
      for (let j = 0; j < size; j++) line[j]! += share * q[j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    const [perEntry, damping] = i < factors ? [ridge.perEntry, ridge.damping] : [ridge.biasPerEntry, ridge.biasDamping];
    matrix[i]![i]! += perEntry * count + damping;
  }
  return { matrix, right };
}

/** Σ (z − p·q − b)² + (λ n + δ) ‖p‖² + (λ' n + δ') b², x as in the equations. */
export function ridgeObjective(
  columns: TwinSide,
  entries: TwinEntries,
  ridge: TwinRidge,
  x: ArrayLike<number>,
): number {
  const count = entries.columns.length;
  const factors = columns.factors[0]?.length ?? 0;
  let sum = 0;
  for (let t = 0; t < count; t++) {
    const q = extended(columns, entries.columns[t]!, ridge);
    sum += (residualOf(columns, entries.columns[t]!, entries.values[t]!, ridge) - dot(q, x)) ** 2;
  }
  for (let i = 0; i < x.length; i++) {
    const [perEntry, damping] = i < factors ? [ridge.perEntry, ridge.damping] : [ridge.biasPerEntry, ridge.biasDamping];
    sum += (perEntry * count + damping) * x[i]! ** 2;
  }
  return sum;
}

/** x with A x = y; the arguments stay as they are. */
export function solveEquations({ matrix, right }: TwinEquations): Float64Array {
  const size = right.length;
  const lines = matrix.map((line, i) => Float64Array.of(...line, right[i]!));
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let at = i; at < size; at++) if (Math.abs(lines[at]![i]!) > Math.abs(lines[pivot]![i]!)) pivot = at;
    [lines[i], lines[pivot]] = [lines[pivot]!, lines[i]!];
    for (let at = i + 1; at < size; at++) {
      const share = lines[at]![i]! / lines[i]![i]!;
      const [line, top] = [lines[at]!, lines[i]!];
      for (let j = i; j <= size; j++) line[j]! -= share * top[j]!;
    }
  }
  const x = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let rest = lines[i]![size]!;
    for (let j = i + 1; j < size; j++) rest -= lines[i]![j]! * x[j]!;
    x[i] = rest / lines[i]![i]!;
  }
  return x;
}

/** ‖A x − y‖ / ‖y‖ */
export function relativeResidual({ matrix, right }: TwinEquations, x: ArrayLike<number>): number {
  let errors = 0;
  let squares = 0;
  matrix.forEach((line, i) => {
    const left = line.reduce((sum, each, j) => sum + each * x[j]!, 0);
    errors += (left - right[i]!) ** 2;
    squares += right[i]! ** 2;
  });
  return errors === 0 ? 0 : Math.sqrt(errors / squares);
}
