import { describe, expect, test } from "vitest";
import { lambdaOf } from "../twins/confidence-row.js";
import { type ConfidenceCase, confidenceCase, expectSolved } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { PlacedSolve } from "./row-solves.js";

const FACTOR_COUNTS = [1, 2, 3, 5, 8, 13, 64, 100, 256];

/** Row lengths without entries, about the factors, about the panel of 128 and long. */
const lengthsOf = (factors: number): number[] => [
  ...new Set([0, 1, 2, factors - 1, factors, factors + 1, 127, 128, 129, 3000]),
];

describe.each(VARIANTS)("solveRows of confidences, %s", (variant) => {
  /** Every row solved, and each as the twin solves it. */
  const check = (each: ConfidenceCase): void => {
    const numRows = each.block.offsets.length - 1;
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence);
    expect(solve.solve(0, numRows)).toBe(0);
    for (let row = 0; row < numRows; row++) expectSolved(each, solve, row);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  };

  test.each(FACTOR_COUNTS)("as Gaussian elimination in f64, %i factors", (factors) => {
    check(confidenceCase({ factors, lengths: lengthsOf(factors) }));
  });

  test.each([5, 16])("λ row by row, %i factors", (factors) => {
    const each = confidenceCase({ factors, lengths: [9, 0, 30, 200] });
    const lambdas = Float32Array.of(0.5, 70, 3, 11.25);
    check({ ...each, confidence: { ...each.confidence, lambdas, perEntry: 1e6, damping: 1e6 } });
    expect(lambdaOf({ ...each.confidence, lambdas }, 2, 30)).toBe(3);
  });

  test.each([0, 0.5, 1])("β of %f", (beta) => {
    check(confidenceCase({ factors: 8, lengths: [9, 0, 30, 200], beta }));
  });

  describe("what the sign and the zeros of a value mean, one entry of q = 2, G = 3, λ = 1", () => {
    const columns = { factors: [Float64Array.of(2)], biases: new Float64Array(1), lambdas: [] };
    const confidence = { gram: [Float64Array.of(3)], perEntry: 0, damping: 1, beta: 1 };
    test.each([
      [5, 12 / 24], // w = 5, y = 6: 2 · 6 / (3 + 5 · 4 + 1)
      [0, 2 / 4], // w = 0, y = 1
      [-0, 0], // w = 0, y = 0
      [-5, 0], // w = 5, y = 0
      [0.25, 2.5 / 5],
    ])("%f", (value, expected) => {
      const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [0], values: [value] };
      const solve = new PlacedSolve(variant, block, columns, confidence);
      expect(solve.solve(0, 1)).toBe(0);
      expect(solve.solved(0).factors[0]).toBeCloseTo(expected, 6);
    });
  });

  test("a dislike holds a score down, the more the heavier it is", () => {
    const each = confidenceCase({ factors: 8, lengths: [6] });
    const scoreOf = (value: number): number => {
      const values = [4, 4, 4, 4, 4, value];
      const block = { ...each.block, columns: [1, 2, 3, 4, 5, 6], values };
      const solve = new PlacedSolve(variant, block, each.columns, each.confidence);
      expect(solve.solve(0, 1)).toBe(0);
      return Math.abs(solve.solved(0).factors.reduce((sum, p, f) => sum + p * each.columns.factors[6]![f]!, 0));
    };
    expect(scoreOf(-4)).toBeLessThan(scoreOf(-0));
    expect(scoreOf(-400)).toBeLessThan(0.1 * scoreOf(-0));
  });

  test.each([1, 13, 64])("the same bits however the rows are cut, %i factors", (factors) => {
    const lengths = [0, 3, 65, 1, 200, 0, 128, 7, 2, 130, 5];
    const each = confidenceCase({ factors, lengths });
    const bitsOf = (rowsPerCall: number): Uint32Array[] => {
      const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence);
      for (let row = 0; row < lengths.length; row += rowsPerCall) {
        expect(solve.solve(row, Math.min(row + rowsPerCall, lengths.length))).toBe(0);
      }
      return solve.bits();
    };
    const whole = bitsOf(lengths.length);
    for (const rowsPerCall of [1, 2, 4]) expect(bitsOf(rowsPerCall)).toEqual(whole);
  });

  test("writes where the numbers say, and nothing of other rows", () => {
    const each = confidenceCase({ factors: 13, lengths: [4, 0, 30, 9, 70] });
    // λ goes by the row of the chunk, not by where it is written.
    const confidence = { ...each.confidence, lambdas: Float32Array.of(1, 2, 3, 4, 5) };
    const inOrder = new PlacedSolve(variant, each.block, each.columns, confidence);
    inOrder.solve(0, 5);
    const numbers = [6, 3, 8, 0, 5];
    const solve = new PlacedSolve(variant, each.block, each.columns, confidence, { numRows: 10 });
    const [factors, biases] = solve.bits();
    const [solvedFactors, solvedBiases] = inOrder.bits();
    expect(solve.solve(1, 4, numbers)).toBe(0); // rows 1, 2 and 3
    for (const row of [1, 2, 3]) {
      factors!.set(solvedFactors!.subarray(row * 16, (row + 1) * 16), numbers[row]! * 16);
      biases![numbers[row]!] = solvedBiases![row]!;
    }
    expect(solve.bits()).toEqual([factors, biases]);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });
});
