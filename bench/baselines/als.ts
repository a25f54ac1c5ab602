/**
 * Alternating least squares in plain JavaScript, as a careful programmer writes it without WebAssembly: rows gathered into
 * doubles, bench/baselines/linalg.ts for what the time goes to, factors kept as f32. Every row is solved exactly.
 */
import { addGram, factorCholesky, PANEL_ROWS, solveCholesky } from "./linalg.js";

/** Entries in compressed rows: row r is those from offsets[r] to offsets[r + 1]. */
export interface AlsEntries {
  offsets: Uint32Array;
  columns: Uint32Array;
  /** Ratings, or the weights w of confidences. */
  values: Float32Array;
}

export interface AlsSide {
  /** f32[rows × stride] */
  factors: Float32Array;
  /** f32[rows]; stays as it is for confidences. */
  biases: Float32Array;
}

/** The sum of squares that a half-step brings to its least, in the rows it solves. */
export type AlsObjective = {
  /** Floats in a row of factors: a multiple of 4. */
  stride: number;
} & (
  | {
      /** Σ (r − mean − b_row − b_column − p·q)² + λ n (‖p‖² + b_row²) */
      kind: "explicit";
      mean: number;
      perEntry: number;
    }
  | {
      /** Σ w (1 − p·q)² over the entries + all Σ (p·q)² over all pairs + δ ‖p‖² */
      kind: "implicit";
      all: number;
      damping: number;
    }
);

/** What the half-steps of a model work in. */
export class AlsScratch {
  readonly panel: Float64Array;
  readonly gram: Float64Array;
  readonly matrix: Float64Array;
  /** Right sides and solutions: of the factors, and of the border that the bias makes. */
  readonly right: Float64Array;
  readonly border: Float64Array;
  readonly borderCopy: Float64Array;

  constructor(stride: number) {
    this.panel = new Float64Array(PANEL_ROWS * stride);
    this.gram = new Float64Array(stride * stride);
    this.matrix = new Float64Array(stride * stride);
    this.right = new Float64Array(stride);
    this.border = new Float64Array(stride);
    this.borderCopy = new Float64Array(stride);
  }
}

/** `all` times the Gram matrix of every row of factors, its upper triangle by blocks. */
export function gramOfRows(factors: Float32Array, stride: number, all: number, scratch: AlsScratch): Float64Array {
  const { panel, gram } = scratch;
  gram.fill(0);
  for (let first = 0; first < factors.length; first += panel.length) {
    const part = factors.subarray(first, first + panel.length);
    panel.set(part);
    addGram(panel, part.length / stride, stride, gram);
  }
  for (let at = 0; at < gram.length; at++) gram[at]! *= all;
  return gram;
}

/** Solves the rows of a list with the columns fixed. @throws if the equations of one are singular */
export function alsHalfStep(
  objective: AlsObjective,
  entries: AlsEntries,
  rows: Uint32Array,
  fixed: AlsSide,
  solved: AlsSide,
  scratch: AlsScratch,
): void {
  const { stride } = objective;
  if (objective.kind === "implicit") gramOfRows(fixed.factors, stride, objective.all, scratch);
  for (const row of rows) {
    const begin = entries.offsets[row]!;
    const end = entries.offsets[row + 1]!;
    const factors = solved.factors.subarray(row * stride, (row + 1) * stride);
    if (begin === end) {
      factors.fill(0);
      solved.biases[row] = 0;
    } else if (objective.kind === "implicit") {
      solveConfidences(objective.damping, entries, begin, end, fixed, scratch, factors);
    } else {
      const lambda = objective.perEntry * (end - begin);
      solved.biases[row] = solveRatings(objective.mean, lambda, entries, begin, end, fixed, scratch, factors);
    }
  }
}

/** panel[line …] ← scale q, right += weight q: four factors a turn take half the time of one. */
function copyRow(
  factors: Float32Array,
  q: number,
  stride: number,
  scale: number,
  weight: number,
  panel: Float64Array,
  line: number,
  right: Float64Array,
): void {
  for (let f = 0; f < stride; f += 4, q += 4, line += 4) {
    const q0 = factors[q]!;
    const q1 = factors[q + 1]!;
    const q2 = factors[q + 2]!;
    const q3 = factors[q + 3]!;
    panel[line] = scale * q0;
    panel[line + 1] = scale * q1;
    panel[line + 2] = scale * q2;
    panel[line + 3] = scale * q3;
    right[f]! += weight * q0;
    right[f + 1]! += weight * q1;
    right[f + 2]! += weight * q2;
    right[f + 3]! += weight * q3;
  }
}

/** sum += a line of the panel. */
function addRow(panel: Float64Array, line: number, sum: Float64Array): void {
  for (let f = 0; f < sum.length; f += 4, line += 4) {
    sum[f]! += panel[line]!;
    sum[f + 1]! += panel[line + 1]!;
    sum[f + 2]! += panel[line + 2]!;
    sum[f + 3]! += panel[line + 3]!;
  }
}

/** (all QᵀQ + Σ w q qᵀ + δ I) p = Σ w q */
function solveConfidences(
  damping: number,
  { columns, values }: AlsEntries,
  begin: number,
  end: number,
  fixed: AlsSide,
  { panel, gram, matrix, right }: AlsScratch,
  solution: Float32Array,
): void {
  const stride = solution.length;
  matrix.set(gram);
  right.fill(0);
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const rows = Math.min(PANEL_ROWS, end - first);
    for (let t = 0; t < rows; t++) {
      const weight = values[first + t]!;
      const q = columns[first + t]! * stride;
      copyRow(fixed.factors, q, stride, Math.sqrt(weight), weight, panel, t * stride, right);
    }
    addGram(panel, rows, stride, matrix);
  }
  for (let d = 0; d < matrix.length; d += stride + 1) matrix[d]! += damping;
  if (!factorCholesky(matrix, stride)) throw new Error("js: a row's equations are singular");
  solveCholesky(matrix, stride, right);
  solution.set(right);
}

/** The factors and the bias at once: ⎡ Σ q qᵀ + λI, Σ q ⎤ ⎡ Σ qᵀ, n + λ ⎤ [p, b] = [Σ z q, Σ z]. Returns the bias. */
function solveRatings(
  mean: number,
  lambda: number,
  { columns, values }: AlsEntries,
  begin: number,
  end: number,
  fixed: AlsSide,
  { panel, matrix, right, border, borderCopy }: AlsScratch,
  solution: Float32Array,
): number {
  const stride = solution.length;
  let sum = 0;
  matrix.fill(0);
  right.fill(0);
  border.fill(0);
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const rows = Math.min(PANEL_ROWS, end - first);
    for (let t = 0; t < rows; t++) {
      const column = columns[first + t]!;
      const rest = values[first + t]! - mean - fixed.biases[column]!;
      sum += rest;
      copyRow(fixed.factors, column * stride, stride, 1, rest, panel, t * stride, right);
      addRow(panel, t * stride, border);
    }
    addGram(panel, rows, stride, matrix);
  }
  for (let d = 0; d < matrix.length; d += stride + 1) matrix[d]! += lambda;
  if (!factorCholesky(matrix, stride)) throw new Error("js: a row's equations are singular");
  borderCopy.set(border);
  solveCholesky(matrix, stride, right);
  solveCholesky(matrix, stride, border);
  let pivot = end - begin + lambda;
  for (let f = 0; f < stride; f++) {
    pivot -= borderCopy[f]! * border[f]!;
    sum -= borderCopy[f]! * right[f]!;
  }
  const bias = sum / pivot;
  for (let f = 0; f < stride; f++) solution[f] = right[f]! - bias * border[f]!;
  return bias;
}
