import { describe, expect, test } from "vitest";
import { confidenceObjective, lambdaOf } from "../twins/confidence-row.js";
import { blockPassTwin } from "../twins/equation-steps.js";
import { relativeResidual, solveEquations } from "../twins/ridge-row.js";
import {
  type ConfidenceCase,
  confidenceCase,
  equationsOf,
  startRows,
  stepError,
  widened,
  wideRow,
} from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { entriesOf, PlacedSolve, type SolveOptions } from "./row-solves.js";

/** With and without padding in the last block, which is of four factors or of eight. */
const FACTOR_COUNTS = [1, 3, 5, 8, 12, 13, 20, 64, 100];
const BLOCKS = [8, 16, 24, 64, 128];

/** Row lengths without entries, about the factors, the panel of 128 and the 512 that are copied. */
const lengthsOf = (factors: number): number[] => [0, 1, 2, factors, 127, 128, 129, 511, 512, 513, 1021];

describe.each(VARIANTS)("subspaceRows, %s", (variant) => {
  const kernel = "subspaceRows";

  const run = ({ block, columns, confidence }: ConfidenceCase, options: SolveOptions): PlacedSolve => {
    const solve = new PlacedSolve(variant, block, columns, confidence, options);
    const biases = solve.bits()[1];
    expect(solve.run(kernel, 0, block.offsets.length - 1)).toBe(0);
    expect(solve.bits()[1]).toEqual(biases); // rows have none
    expect(solve.memory.touchedCanaries()).toEqual([]);
    return solve;
  };

  describe.each(BLOCKS)("blocks of %i", (blockFactors) => {
    test.each(FACTOR_COUNTS)("as the twin, %i factors", (factors) => {
      const lengths = lengthsOf(factors);
      const each = confidenceCase({ factors, lengths });
      each.confidence.lambdas = Float32Array.from(lengths, (_, row) => 0.5 + row);
      const start = startRows(lengths.length, factors, 5);
      const solve = run(each, { blockFactors, start });
      for (const [row, length] of lengths.entries()) {
        const { factors: x, padding } = solve.solved(row);
        expect(padding.every((value) => value === 0)).toBe(true);
        if (length === 0) expect([...x]).toEqual(new Array<number>(factors).fill(0));
        if (length === 0) continue;
        const equations = equationsOf(each, row);
        expect(stepError(x, blockPassTwin(equations, start[row]!, blockFactors), start[row]!)).toBeLessThan(1e-10);
        // One block of all factors is the solution.
        if (blockFactors < factors) continue;
        expect(stepError(x, solveEquations(equations), start[row]!)).toBeLessThan(1e-10);
      }
    });
  });

  test("rows that are too many to be copied are read where they lie", () => {
    // Of 4,096 factors a copy of 512 rows is the most: the first sixteen are the case, the others zero.
    const lengths = [511, 512, 513, 700];
    const small = confidenceCase({ factors: 16, lengths });
    const wide = widened(small, 4096);
    const start = startRows(lengths.length, 16, 5);
    const solve = run(wide, { blockFactors: 8, start: start.map((row) => wideRow(row, 4096)) });
    for (const row of lengths.keys()) {
      const { factors: x } = solve.solved(row);
      const expected = blockPassTwin(equationsOf(small, row), start[row]!, 8);
      expect(stepError(x.subarray(0, 16), expected, start[row]!)).toBeLessThan(1e-10);
      expect(x.subarray(16).every((value) => value === 0)).toBe(true);
    }
  });

  test.each([5, 12, 13, 20, 64])(
    "many passes lead to the solution and none raises what is to be least, %i factors",
    (factors) => {
      const lengths = lengthsOf(factors);
      const each = confidenceCase({ factors, lengths });
      const start = startRows(lengths.length, factors, 6);
      const objectiveAt = (row: number, p: ArrayLike<number>): number => {
        const lambda = lambdaOf(each.confidence, row, lengths[row]!);
        return confidenceObjective(each.columns, entriesOf(each.block, row), each.confidence, lambda, p);
      };
      const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, { blockFactors: 8, start });
      const first = start.map((p, row) => objectiveAt(row, p));
      let before = first;
      for (let pass = 0; pass < 60; pass++) {
        expect(solve.run(kernel, 0, lengths.length)).toBe(0);
        const after = start.map((_, row) => objectiveAt(row, solve.solved(row).factors));
        for (let row = 1; row < lengths.length; row++) {
          // f32 knows A, y and x to 6e-8; the objective is flat where it is least
          const noise = 1e-6 * Math.abs(before[row]!) + 1e-12 * Math.abs(first[row]!);
          expect(after[row]! - before[row]!).toBeLessThanOrEqual(noise);
        }
        before = after;
      }
      for (let row = 1; row < lengths.length; row++) {
        const expected = solveEquations(equationsOf(each, row));
        expect(stepError(solve.solved(row).factors, expected, start[row]!)).toBeLessThan(1e-10);
      }
    },
  );

  test.each([1, 13, 64])("the same bits however the rows are cut, %i factors", (factors) => {
    const lengths = [0, 3, 65, 1, 513, 0, 128, 7, 2, 600, 5];
    const each = confidenceCase({ factors, lengths });
    const start = startRows(lengths.length, factors, 4);
    const bitsOf = (rowsPerCall: number): Uint32Array[] => {
      const options = { blockFactors: 8, start };
      const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
      for (let row = 0; row < lengths.length; row += rowsPerCall) {
        expect(solve.run(kernel, row, Math.min(row + rowsPerCall, lengths.length))).toBe(0);
      }
      return solve.bits();
    };
    const whole = bitsOf(lengths.length);
    for (const rowsPerCall of [1, 2, 4]) expect(bitsOf(rowsPerCall)).toEqual(whole);
  });

  test("reads and writes where the numbers say, and nothing of other rows", () => {
    const each = confidenceCase({ factors: 13, lengths: [4, 0, 30, 9, 70] });
    each.confidence.lambdas = Float32Array.of(1, 2, 3, 4, 5);
    const start = startRows(5, 13, 4);
    const inOrder = run(each, { blockFactors: 8, start });
    const numbers = [6, 3, 8, 0, 5];
    const moved = Array.from({ length: 10 }, (_, number) => start[numbers.indexOf(number)] ?? start[0]!);
    const options = { numRows: 10, blockFactors: 8, start: moved };
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
    const [factors, biases] = solve.bits();
    expect(solve.run(kernel, 1, 4, numbers)).toBe(0); // rows 1, 2 and 3
    for (const row of [1, 2, 3]) {
      factors!.set(inOrder.bits()[0]!.subarray(row * 16, (row + 1) * 16), numbers[row]! * 16);
    }
    expect(solve.bits()).toEqual([factors, biases]);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("rows that take a jitter are counted once, whatever the blocks", () => {
    const each = confidenceCase({ factors: 20, lengths: [5, 200, 0, 5, 3] });
    each.confidence.gram = each.confidence.gram.map((line) => line.map(() => 0));
    each.confidence.perEntry = 0;
    each.confidence.damping = 0;
    each.block.values = Array.from(each.block.values, (_, t) => 1 + (t % 3));
    const options = { blockFactors: 8, start: startRows(5, 20, 4) };
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
    for (let pass = 0; pass < 20; pass++) expect(solve.run(kernel, 0, 5)).toBe(-3);
    for (const row of [0, 1, 3, 4]) {
      expect(relativeResidual(equationsOf(each, row), solve.solved(row).factors)).toBeLessThan(0.02);
    }
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("a row that cannot be solved: 1 + the row, and those behind it are as they were", () => {
    const each = confidenceCase({ factors: 13, lengths: [5, 20, 0, 5, 3] });
    each.block.columns = Array.from(each.block.columns, (column, t) => (t === 7 ? 0 : Math.max(1, column)));
    each.block.values = Array.from(each.block.values, () => 2);
    each.columns.factors[0]!.fill(1e20);
    const start = startRows(5, 13, 4);
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, { blockFactors: 8, start });
    expect(solve.run(kernel, 0, 5)).toBe(2);
    for (const row of [2, 3, 4]) expect([...solve.solved(row).factors]).toEqual([...start[row]!]);
    expect(solve.run(kernel, 2, 5)).toBe(0);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });
});
