import { describe, expect, test } from "vitest";
import { nonNegativeTwin, optimalityError } from "../twins/equation-steps.js";
import { dot } from "../twins/rating-pass.js";
import { ridgeEquations, type TwinEquations } from "../twins/ridge-row.js";
import { confidenceCase, equationsOf, startRows } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE, type SolveOptions } from "./row-solves.js";

const FACTOR_COUNTS = [1, 2, 3, 5, 8, 13, 64, 100];
const MANY_SWEEPS = 2000;

const lengthsOf = (factors: number): number[] => [0, 1, 2, factors, factors + 1, 129, 1000];

/** Rows that are to be solved for factors ≥ 0, what they are the solution of, and how many unknowns may not be negative. */
interface Problem {
  solve(options: SolveOptions): PlacedSolve;
  equations: TwinEquations[];
  hasBias: boolean;
}

type Maker = (variant: (typeof VARIANTS)[number], factors: number) => Problem;

const rated =
  (biasPerEntry: number): Maker =>
  (variant, factors) => {
    const random = randomOf(factors + 8000);
    const columns = randomSide(211, factors, random);
    const block = randomBlock(lengthsOf(factors), 211, random);
    const ridge = { ...RIDGE, biasPerEntry };
    return {
      solve: (options) => new PlacedSolve(variant, block, columns, ridge, options),
      equations: lengthsOf(factors).map((_, row) => ridgeEquations(columns, entriesOf(block, row), ridge)),
      hasBias: biasPerEntry >= 0,
    };
  };

const confident: Maker = (variant, factors) => {
  const each = confidenceCase({ factors, lengths: lengthsOf(factors) });
  return {
    solve: (options) => new PlacedSolve(variant, each.block, each.columns, each.confidence, options),
    equations: lengthsOf(factors).map((_, row) => equationsOf(each, row)),
    hasBias: false,
  };
};

/** xᵀ A x − 2 yᵀ x: what is to be least, but for what no x changes. */
function objectiveOf({ matrix, right }: TwinEquations, x: ArrayLike<number>): number {
  return matrix.reduce((sum, line, i) => sum + x[i]! * (dot(line, x) - 2 * right[i]!), 0);
}

describe.each(VARIANTS)("solveRows for factors that may not be negative, %s", (variant) => {
  describe.each([
    ["ratings with a bias", rated(RIDGE.biasPerEntry)],
    ["ratings without", rated(-1)],
    ["confidences", confident],
  ] as [string, Maker][])("%s", (_, make) => {
    const solutionsOf = (solve: PlacedSolve, { equations, hasBias }: Problem): number[][] => {
      return equations.map((_, row) => {
        const { factors, bias, padding } = solve.solved(row);
        expect([...padding].every((value) => value === 0)).toBe(true);
        if (!hasBias) expect(bias).toBe(0);
        return hasBias ? [...factors, bias] : [...factors];
      });
    };

    test.each(FACTOR_COUNTS)("%i factors, from zero and from elsewhere", (factors) => {
      const problem = make(variant, factors);
      const numRows = problem.equations.length;
      let zeros = 0;
      const starts = [startRows(numRows, factors, 1, true), problem.equations.map(() => new Float64Array(factors))];
      for (const start of starts) {
        const solve = problem.solve({ sweeps: MANY_SWEEPS, start, startBiases: start.map((_, row) => row - 3) });
        expect(solve.solve(0, numRows)).toBe(0);
        for (const [row, x] of solutionsOf(solve, problem).entries()) {
          if (row === 0) {
            expect(x.every((value) => value === 0)).toBe(true);
            continue;
          }
          const equations = problem.equations[row]!;
          const expected = nonNegativeTwin(equations, factors);
          if (expected.every((value) => value === 0)) {
            expect(Math.max(...x)).toBeLessThan(1e-6); // what is left of a start of about 1
            continue;
          }
          expect(optimalityError(equations, x, factors)).toBeLessThan(1e-6);
          expect(nmse(x, expected)).toBeLessThan(1e-9);
          zeros += x.slice(0, factors).filter((value) => value === 0).length;
        }
        expect(solve.memory.touchedCanaries()).toEqual([]);
      }
      if (factors > 3) expect(zeros).toBeGreaterThan(factors); // or it would be the solution without a bound
    });

    test.each([1, 5, 13, 64])("no sweep raises what is to be least, %i factors", (factors) => {
      const problem = make(variant, factors);
      const numRows = problem.equations.length;
      let start: ArrayLike<number>[] = startRows(numRows, factors, 2, true);
      let startBiases: ArrayLike<number> = new Float32Array(numRows).fill(0.5);
      const valuesOf = (all: readonly number[][]): number[] => {
        return all.map((x, row) => objectiveOf(problem.equations[row]!, x));
      };
      let before = valuesOf(
        start.map((row, at) => [...Array.from(row), ...(problem.hasBias ? [startBiases[at]!] : [])]),
      );
      const first = before;
      for (let sweep = 0; sweep < 40; sweep++) {
        const solve = problem.solve({ sweeps: 1, start, startBiases });
        expect(solve.solve(0, numRows)).toBe(0);
        const solutions = solutionsOf(solve, problem);
        const after = valuesOf(solutions);
        for (let row = 1; row < numRows; row++) {
          expect(Math.min(...solutions[row]!.slice(0, factors))).toBeGreaterThanOrEqual(0);
          // f32 knows A, y and x to 6e-8: some 1e-6 of what the terms sum up to
          expect(after[row]! - before[row]!).toBeLessThanOrEqual(1e-6 * Math.abs(before[row]!));
        }
        start = solutions.map((x) => x.slice(0, factors));
        startBiases = solve.solvedBiases.view.slice();
        before = after;
      }
      for (let row = 1; row < numRows; row++) expect(before[row]).toBeLessThan(first[row]!);
    });

    test("the same bits however the rows are cut", () => {
      const problem = make(variant, 13);
      const start = startRows(problem.equations.length, 13, 3, true);
      const bitsOf = (rowsPerCall: number): Uint32Array[] => {
        const solve = problem.solve({ sweeps: 7, start, startBiases: start.map(() => 0.5) });
        for (let row = 0; row < start.length; row += rowsPerCall) {
          expect(solve.solve(row, Math.min(row + rowsPerCall, start.length))).toBe(0);
        }
        return solve.bits();
      };
      for (const rowsPerCall of [1, 2, 3]) expect(bitsOf(rowsPerCall)).toEqual(bitsOf(start.length));
    });
  });

  test("a bias that moves alone does not end the descent: Σ z q < 0 where it is 0, > 0 where it is at its least", () => {
    const columns = { factors: [Float64Array.of(2), Float64Array.of(1)], biases: new Float64Array(2), lambdas: [] };
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 2], columns: [0, 1], values: [-1, -3] };
    const ridge = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, offset: 0 };
    const options = { sweeps: MANY_SWEEPS, start: [[0]], startBiases: [0] };
    const solve = new PlacedSolve(variant, block, columns, ridge, options);
    expect(solve.solve(0, 1)).toBe(0);
    const { factors, bias } = solve.solved(0);
    expect(nmse([...factors, bias], [2, -5])).toBeLessThan(1e-8);
  });

  test("where no factor wants to be negative it is the solution without a bound", () => {
    const columns = {
      factors: [Float64Array.of(1, 2), Float64Array.of(2, 1)],
      biases: new Float64Array(2),
      lambdas: [],
    };
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 2], columns: [0, 1], values: [5, 4] };
    const ridge = { perEntry: 0, damping: 0, biasPerEntry: -1, biasDamping: 0, offset: 0 };
    const options = { sweeps: MANY_SWEEPS, start: [[0, 0]], startBiases: [0] };
    const solve = new PlacedSolve(variant, block, columns, ridge, options);
    expect(solve.solve(0, 1)).toBe(0);
    expect(nmse(solve.solved(0).factors, [1, 2])).toBeLessThan(1e-9);
    // And where one does, it is 0 and the other at its least alone: values [5, 0], p₂ = 5 · 2 / 5.
    const other = new PlacedSolve(variant, { ...block, values: [5, 0] }, columns, ridge, options);
    expect(other.solve(0, 1)).toBe(0);
    expect([...other.solved(0).factors]).toEqual([0, 2]);
  });
});
