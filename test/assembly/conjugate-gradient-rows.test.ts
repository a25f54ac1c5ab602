import { describe, expect, test } from "vitest";
import { confidenceObjective, lambdaOf } from "../twins/confidence-row.js";
import { conjugateGradientTwin } from "../twins/equation-steps.js";
import { solveEquations } from "../twins/ridge-row.js";
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
import { nmse } from "./rating-pass.js";
import { entriesOf, PlacedSolve, type SolveOptions } from "./row-solves.js";

const FACTOR_COUNTS = [1, 2, 3, 5, 8, 13, 64, 100];

/** Row lengths without entries, about the four at once, about the factors, and more than the panel holds. */
const lengthsOf = (factors: number): number[] => [0, 1, 2, 3, 4, 5, 7, factors, 129, 511, 512, 513, 1021];

const withLambdas = ({ confidence, ...rest }: ConfidenceCase): ConfidenceCase => {
  const lambdas = Float32Array.from(rest.block.offsets, (_, row) => 0.5 + row);
  return { ...rest, confidence: { ...confidence, lambdas, perEntry: 1e6, damping: 1e6 } };
};

describe.each(VARIANTS)("conjugateGradientRows, %s", (variant) => {
  const kernel = "conjugateGradientRows";

  const run = ({ block, columns, confidence }: ConfidenceCase, options: SolveOptions): PlacedSolve => {
    const solve = new PlacedSolve(variant, block, columns, confidence, options);
    const biases = solve.bits()[1];
    expect(solve.run(kernel, 0, block.offsets.length - 1)).toBe(0);
    expect(solve.bits()[1]).toEqual(biases); // rows have none
    expect(solve.memory.touchedCanaries()).toEqual([]);
    return solve;
  };

  describe.each([1, 2, 3])("%i steps", (steps) => {
    test.each(FACTOR_COUNTS)("as the twin, %i factors", (factors) => {
      const lengths = lengthsOf(factors);
      const plain = confidenceCase({ factors, lengths });
      for (const each of [plain, withLambdas(plain)]) {
        const start = startRows(lengths.length, factors, 4);
        const solve = run(each, { steps, start });
        for (const [row, length] of lengths.entries()) {
          const { factors: x, padding } = solve.solved(row);
          expect(padding.every((value) => value === 0)).toBe(true);
          if (length === 0) expect([...x]).toEqual(new Array<number>(factors).fill(0));
          if (length === 0) continue;
          const expected = conjugateGradientTwin(equationsOf(each, row), start[row]!, steps);
          expect(stepError(x, expected, start[row]!)).toBeLessThan(1e-10);
        }
      }
    });
  });

  test("rows that are too many to be copied are read where they lie", () => {
    // Of 4,096 factors a copy of 512 rows is the most: the first eight are the case, the others zero.
    const lengths = [511, 512, 513, 700];
    const small = confidenceCase({ factors: 8, lengths });
    const wide = widened(small, 4096);
    const start = startRows(lengths.length, 8, 4);
    const solve = run(wide, { steps: 2, start: start.map((row) => wideRow(row, 4096)) });
    for (const row of lengths.keys()) {
      const { factors: x } = solve.solved(row);
      const expected = conjugateGradientTwin(equationsOf(small, row), start[row]!, 2);
      expect(stepError(x.subarray(0, 8), expected, start[row]!)).toBeLessThan(1e-10);
      expect(x.subarray(8).every((value) => value === 0)).toBe(true);
    }
  });

  test.each(FACTOR_COUNTS)("many steps lead to the solution, %i factors", (factors) => {
    const lengths = lengthsOf(factors);
    const each = confidenceCase({ factors, lengths });
    for (const start of [startRows(lengths.length, factors, 4), lengths.map(() => new Float64Array(factors))]) {
      const solve = run(each, { steps: 200, start });
      for (let row = 1; row < lengths.length; row++) {
        const expected = solveEquations(equationsOf(each, row));
        expect(stepError(solve.solved(row).factors, expected, start[row]!)).toBeLessThan(1e-10);
      }
    }
  });

  test.each([1, 2, 5, 13, 64])("no step raises what is to be least, %i factors", (factors) => {
    const lengths = lengthsOf(factors);
    const each = confidenceCase({ factors, lengths });
    const start = startRows(lengths.length, factors, 4);
    const objectiveAt = (row: number, p: ArrayLike<number>): number => {
      const lambda = lambdaOf(each.confidence, row, lengths[row]!);
      return confidenceObjective(each.columns, entriesOf(each.block, row), each.confidence, lambda, p);
    };
    const first = start.map((p, row) => objectiveAt(row, p));
    let before = first;
    for (const steps of [1, 2, 3, 4, 6, 10, 20, 50]) {
      const solve = run(each, { steps, start });
      const after = start.map((_, row) => objectiveAt(row, solve.solved(row).factors));
      for (let row = 1; row < lengths.length; row++) {
        // f32 knows A, y and x to 6e-8; the objective is flat where it is least
        const noise = 1e-6 * Math.abs(before[row]!) + 1e-12 * Math.abs(first[row]!);
        expect(after[row]! - before[row]!).toBeLessThanOrEqual(noise);
      }
      before = after;
    }
  });

  test("no step leaves the rows as they are, but for those without entries", () => {
    const each = confidenceCase({ factors: 13, lengths: [3, 0, 600] });
    const start = startRows(3, 13, 4);
    const solve = run(each, { steps: 0, start });
    expect([...solve.solved(0).factors]).toEqual([...start[0]!]);
    expect([...solve.solved(1).factors]).toEqual(new Array<number>(13).fill(0));
    expect([...solve.solved(2).factors]).toEqual([...start[2]!]);
  });

  test("a row that is its solution already stays one, whatever the steps", () => {
    const each = confidenceCase({ factors: 8, lengths: [40] });
    const expected = solveEquations(equationsOf(each, 0));
    const solve = run(each, { steps: 1000, start: [expected] });
    expect(nmse(solve.solved(0).factors, expected)).toBeLessThan(1e-11);
    const zero = run({ ...each, block: { ...each.block, values: each.block.columns } }, { steps: 9, start: [[]] });
    expect(zero.solved(0).factors.every(Number.isFinite)).toBe(true);
    // Nothing pulls: the residual is 0 from the beginning, and nothing is divided by it.
    const values = Array.from(each.block.columns, () => -1);
    const none = run({ ...each, block: { ...each.block, values } }, { steps: 9, start: [[]] });
    expect([...none.solved(0).factors]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test.each([1, 13, 64])("the same bits however the rows are cut, %i factors", (factors) => {
    const lengths = [0, 3, 65, 1, 513, 0, 128, 7, 2, 600, 5];
    const each = confidenceCase({ factors, lengths });
    const start = startRows(lengths.length, factors, 4);
    const bitsOf = (rowsPerCall: number): Uint32Array[] => {
      const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, { steps: 3, start });
      for (let row = 0; row < lengths.length; row += rowsPerCall) {
        expect(solve.run(kernel, row, Math.min(row + rowsPerCall, lengths.length))).toBe(0);
      }
      return solve.bits();
    };
    const whole = bitsOf(lengths.length);
    for (const rowsPerCall of [1, 2, 4]) expect(bitsOf(rowsPerCall)).toEqual(whole);
  });

  test("reads and writes where the numbers say, and nothing of other rows", () => {
    const each = withLambdas(confidenceCase({ factors: 13, lengths: [4, 0, 30, 9, 70] }));
    const start = startRows(5, 13, 4);
    const inOrder = run(each, { steps: 2, start });
    const numbers = [6, 3, 8, 0, 5];
    const moved = Array.from({ length: 10 }, (_, number) => start[numbers.indexOf(number)] ?? start[0]!);
    const options = { numRows: 10, steps: 2, start: moved };
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
    const [factors, biases] = solve.bits();
    expect(solve.run(kernel, 1, 4, numbers)).toBe(0); // rows 1, 2 and 3
    for (const row of [1, 2, 3]) {
      factors!.set(inOrder.bits()[0]!.subarray(row * 16, (row + 1) * 16), numbers[row]! * 16);
    }
    expect(solve.bits()).toEqual([factors, biases]);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });
});
