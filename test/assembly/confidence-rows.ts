import { expect } from "vitest";
import { confidenceEquations, gramTwin, lambdaOf, type TwinConfidence } from "../twins/confidence-row.js";
import { backwardError } from "../twins/equation-steps.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { solveEquations, type TwinEquations } from "../twins/ridge-row.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, type PlacedSolve } from "./row-solves.js";

/** Rows of confidences with what they are solved against. */
export interface ConfidenceCase {
  columns: TwinSide;
  block: TwinBlock;
  confidence: TwinConfidence;
}

/** What a case is made with: lengths of rows, how many columns there are, and the seed. */
export interface ConfidenceShape {
  factors: number;
  lengths: readonly number[];
  numColumns?: number;
  beta?: number;
  seed?: number;
}

/** What a column weighs that a row has no entry of. */
const UNSEEN_WEIGHT = 0.125;

/**
 * Weights up to 8, a quarter of them disliked, now and then a +0, that has no weight and yet pulls with β, and a −0, that
 * does neither. G is of all the columns, rounded to f32 so that kernel and twin begin with the same.
 */
export function confidenceCase({
  factors,
  lengths,
  numColumns = 211,
  beta = 1,
  seed = 7000,
}: ConfidenceShape): ConfidenceCase {
  const random = randomOf(seed + factors);
  const columns = randomSide(numColumns, factors, random);
  const block = randomBlock(lengths, numColumns, random);
  const values = Array.from(block.values, (value, t) => {
    if (t % 13 === 5) return 0;
    if (t % 17 === 6) return -0;
    return Math.fround(random.nextUniform() < 0.25 ? -2 * Math.abs(value) : 4 * Math.abs(value));
  });
  const gram = gramTwin(columns.factors, UNSEEN_WEIGHT).map((line) => line.map(Math.fround));
  const confidence = { gram, perEntry: 0.0625, damping: 0.375, beta };
  return { columns, block: { ...block, values }, confidence };
}

/** A row with zeros behind it. */
export function wideRow(row: Float64Array, factors: number): Float64Array {
  const wide = new Float64Array(factors);
  wide.set(row);
  return wide;
}

/** The same case with factors that are zero everywhere behind its own: every solution is zero there. */
export function widened({ columns, block, confidence }: ConfidenceCase, factors: number): ConfidenceCase {
  const wide = (rows: Float64Array[]): Float64Array[] => rows.map((row) => wideRow(row, factors));
  const zeros = new Array<Float64Array>(factors - confidence.gram.length).fill(new Float64Array(factors));
  return {
    columns: { ...columns, factors: wide(columns.factors) },
    block,
    confidence: { ...confidence, gram: [...wide(confidence.gram), ...zeros] },
  };
}

/** The equations of one row of a case. */
export function equationsOf({ columns, block, confidence }: ConfidenceCase, row: number): TwinEquations {
  const entries = entriesOf(block, row);
  return confidenceEquations(columns, entries, confidence, lambdaOf(confidence, row, entries.columns.length));
}

/** That a row is what Gaussian elimination in f64 makes of it; zero if it has no entries. */
export function expectSolved(each: ConfidenceCase, solve: PlacedSolve, row: number): void {
  const { factors: p, bias, padding } = solve.solved(row);
  expect([bias, ...padding].every((value) => value === 0)).toBe(true);
  if (each.block.offsets[row] === each.block.offsets[row + 1]) {
    expect([...p]).toEqual(new Array<number>(solve.factors).fill(0));
    return;
  }
  const equations = equationsOf(each, row);
  expect(backwardError(equations, p)).toBeLessThan(1e-6);
  expect(nmse(p, solveEquations(equations))).toBeLessThan(1e-10);
}

/** Rows of numbers in (−1, 1), or in [0, 1), f32. */
export function startRows(numRows: number, factors: number, seed: number, isPositive = false): Float64Array[] {
  const random = randomOf(seed);
  const draw = (): number => Math.fround(isPositive ? random.nextUniform() : 2 * random.nextUniform() - 1);
  return Array.from({ length: numRows }, () => Float64Array.from({ length: factors }, draw));
}

/** ‖x − x̂‖² / (‖x̂‖² + ‖start‖²) of a solver that goes by steps from `start`: f32 knows a step to a share of its length. */
export function stepError(x: ArrayLike<number>, expected: ArrayLike<number>, start: ArrayLike<number>): number {
  let errors = 0;
  let squares = 0;
  for (let f = 0; f < expected.length; f++) {
    errors += (x[f]! - expected[f]!) ** 2;
    squares += expected[f]! ** 2 + (start[f] ?? 0) ** 2;
  }
  return errors === 0 ? 0 : errors / squares;
}
