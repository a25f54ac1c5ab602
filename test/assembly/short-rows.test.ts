import { describe, expect, test } from "vitest";
import { type ConfidenceCase, confidenceCase, expectSolved } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse } from "./rating-pass.js";
import { PlacedSolve } from "./row-solves.js";

const FACTOR_COUNTS = [9, 13, 16, 31, 64, 100];

/** Without entries, about the eight of a tile, and on both sides of the bound. */
const lengthsOf = (bound: number): number[] => [
  ...new Set([0, 1, 2, 7, 8, 9, bound - 2, bound - 1, bound, bound + 1, 200].filter((length) => length >= 0)),
];

/** The most that a row may have, one more. */
const boundOf = (factors: number): number => Math.ceil(Math.ceil(factors / 4) / 2) * 8 - 7;

describe.each(VARIANTS)("shortRows, %s", (variant) => {
  /** Short rows as the twin solves them, the others as they were. */
  const check = (each: ConfidenceCase, shortBound: number): void => {
    const { offsets } = each.block;
    const numRows = offsets.length - 1;
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, { shortBound });
    const before = solve.solvedFactors.view.slice(0);
    const bitsBefore = new Uint32Array(before.buffer);
    expect(solve.solveShort(0, numRows)).toBe(0);
    const [bits] = solve.bits();
    for (let row = 0; row < numRows; row++) {
      const n = offsets[row + 1]! - offsets[row]!;
      if (n < shortBound) {
        expectSolved(each, solve, row);
        continue;
      }
      const own = [row * solve.stride, (row + 1) * solve.stride] as const;
      expect(bits!.subarray(...own)).toEqual(bitsBefore.subarray(...own));
    }
    expect(solve.memory.touchedCanaries()).toEqual([]);
  };

  test.each(FACTOR_COUNTS)("as Gaussian elimination in f64, %i factors", (factors) => {
    const bound = boundOf(factors);
    check(confidenceCase({ factors, lengths: lengthsOf(bound) }), bound);
  });

  test.each([13, 64])("λ row by row, %i factors", (factors) => {
    const each = confidenceCase({ factors, lengths: [5, 0, 7, 200, 1] });
    const lambdas = Float32Array.of(0.5, 70, 3, 11.25, 1e-3);
    check({ ...each, confidence: { ...each.confidence, lambdas, perEntry: 1e6, damping: 1e6 } }, 9);
  });

  test.each([0, 0.5, 1])("β of %f", (beta) => {
    check(confidenceCase({ factors: 32, lengths: [9, 0, 24, 3, 19], beta }), 25);
  });

  test("entries that weigh nothing, and nothing but such", () => {
    const each = confidenceCase({ factors: 16, lengths: [6, 2] });
    check({ ...each, block: { ...each.block, values: [0, 3, -0, -2, 0, 1, 0, 0] } }, 9);
  });

  test("weights of many orders of magnitude", () => {
    const each = confidenceCase({ factors: 32, lengths: [12] });
    const values = Array.from({ length: 12 }, (_, at) => Math.fround(10 ** (at - 8)));
    check({ ...each, block: { ...each.block, values } }, 25);
  });

  test("a G of less than full rank, λ making up for it", () => {
    check(confidenceCase({ factors: 32, lengths: [1, 5, 24], numColumns: 11 }), 25);
  });

  test("rows that only λ = 0 leaves to be solved are told, not made up", () => {
    const each = confidenceCase({ factors: 16, lengths: [3, 0, 5], numColumns: 4 });
    const confidence = { ...each.confidence, perEntry: 0, damping: 0 };
    const solve = new PlacedSolve(variant, each.block, each.columns, confidence, { shortBound: 9 });
    expect(solve.solveShort(0, 3)).toBe(2);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("rows beyond all numbers are told", () => {
    const each = confidenceCase({ factors: 16, lengths: [3, 2, 5] });
    const values = [...Array.from(each.block.values)];
    values[0] = Number.NaN;
    values[6] = Number.POSITIVE_INFINITY;
    const block = { ...each.block, values };
    const solve = new PlacedSolve(variant, block, each.columns, each.confidence, { shortBound: 9 });
    expect(solve.solveShort(0, 3)).toBe(2);
  });

  test("together with solveRows every row is solved once", () => {
    const lengths = [0, 3, 65, 1, 200, 0, 128, 7, 2, 130, 5];
    const each = confidenceCase({ factors: 13, lengths });
    const [whole, both] = [0, 9].map((shortBound) => {
      return new PlacedSolve(variant, each.block, each.columns, each.confidence, { shortBound });
    });
    expect(whole!.solve(0, lengths.length)).toBe(0);
    expect(both!.solve(0, lengths.length)).toBe(0);
    expect(both!.solveShort(0, lengths.length)).toBe(0);
    for (const [row, length] of lengths.entries()) {
      const [expected, actual] = [whole!.solved(row), both!.solved(row)];
      if (length >= 9) expect(actual).toEqual(expected);
      else expect(nmse(actual.factors, expected.factors)).toBeLessThan(1e-10);
    }
  });

  test("the same bits however the rows are cut, written where the numbers say", () => {
    const lengths = [0, 3, 65, 1, 5, 0, 8, 7, 2];
    const each = confidenceCase({ factors: 13, lengths });
    const numbers = [9, 3, 8, 0, 5, 1, 2, 6, 4];
    const bitsOf = (rowsPerCall: number): Uint32Array[] => {
      const options = { shortBound: 9, numRows: 11 };
      const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
      for (let row = 0; row < lengths.length; row += rowsPerCall) {
        expect(solve.solveShort(row, Math.min(row + rowsPerCall, lengths.length), numbers)).toBe(0);
      }
      return solve.bits();
    };
    const whole = bitsOf(lengths.length);
    for (const rowsPerCall of [1, 2, 4]) expect(bitsOf(rowsPerCall)).toEqual(whole);
    const inOrder = new PlacedSolve(variant, each.block, each.columns, each.confidence, { shortBound: 9, numRows: 11 });
    expect(inOrder.solveShort(0, lengths.length)).toBe(0);
    for (const row of [1, 3, 4, 6, 7, 8]) {
      const [from, to] = [row * 16, numbers[row]! * 16];
      expect(whole[0]!.subarray(to, to + 16)).toEqual(inOrder.bits()[0]!.subarray(from, from + 16));
    }
  });
});
