import { describe, expect, test } from "vitest";
import type { TwinConfidence } from "../twins/confidence-row.js";
import { backwardError } from "../twins/equation-steps.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { ridgeEquations, solveEquations, type TwinRidge } from "../twins/ridge-row.js";
import { confidenceCase, equationsOf } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE, type SolveOptions } from "./row-solves.js";
import { SLICE_ENTRIES } from "./row-workspaces.js";

/** None has so few entries that it is solved from their side. */
const LENGTHS = [9, SLICE_ENTRIES, SLICE_ENTRIES + 1, 70_001, 2 * SLICE_ENTRIES, 129];
const COLUMNS = 997;

function ratedCase(factors: number): { columns: TwinSide; block: TwinBlock } {
  const random = randomOf(factors + 5500);
  return { columns: randomSide(COLUMNS, factors, random), block: randomBlock(LENGTHS, COLUMNS, random) };
}

// A row of more entries than a slice is the sum of its slices, whoever adds them up.
describe.each(VARIANTS)("rows of several slices, %s", (variant) => {
  /** The bits of solveRows and those of slices, merged and solved, row by row in the places that numbers say. */
  const solvedBothWays = (
    block: TwinBlock,
    columns: TwinSide,
    model: TwinRidge | TwinConfidence,
    options: SolveOptions = {},
  ) => {
    const numbers = [3, 0, 4, 5, 2, 1];
    const solve = new PlacedSolve(variant, block, columns, model, options);
    const status = solve.solve(0, LENGTHS.length, numbers);
    const whole = solve.bits();
    solve.solvedFactors.view.fill(0);
    solve.solvedBiases.view.fill(0);
    const statuses = LENGTHS.map((_, row) => solve.solveSliced(row, numbers[row]));
    const sliced = solve.bits();
    expect(solve.memory.touchedCanaries()).toEqual([]);
    return { solve, numbers, whole, sliced, status, statuses };
  };

  describe.each([
    ["with a bias", RIDGE],
    ["without", { ...RIDGE, biasPerEntry: -1 }],
  ])("ratings %s", (_, ridge) => {
    test.each([1, 3, 8, 13])("%i factors", (factors) => {
      const { columns, block } = ratedCase(factors);
      const { solve, numbers, whole, sliced, status, statuses } = solvedBothWays(block, columns, ridge);
      expect([status, ...statuses]).toEqual([0, 0, 0, 0, 0, 0, 0]);
      expect(sliced).toEqual(whole);
      for (const [row, number] of numbers.entries()) {
        const { factors: p, bias } = solve.solved(number);
        const equations = ridgeEquations(columns, entriesOf(block, row), ridge);
        const x = ridge.biasPerEntry < 0 ? p : Float32Array.of(...p, bias);
        // A slice sums 32,768 terms in one chain: √n 6e-8 of their length, 1.1e-5.
        expect(backwardError(equations, x)).toBeLessThan(1e-5);
        expect(nmse(x, solveEquations(equations))).toBeLessThan(1e-8);
      }
    });
  });

  test.each([1, 3, 8, 13])("confidences, %i factors", (factors) => {
    const each = confidenceCase({ factors, lengths: LENGTHS, numColumns: COLUMNS });
    each.confidence.lambdas = Float32Array.of(1, 2, 3, 4, 5, 6);
    const { solve, numbers, whole, sliced, status, statuses } = solvedBothWays(
      each.block,
      each.columns,
      each.confidence,
    );
    expect([status, ...statuses]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    const { stride } = solve;
    for (const [row, number] of numbers.entries()) {
      const { factors: p } = solve.solved(number);
      const equations = equationsOf(each, row);
      expect(backwardError(equations, p)).toBeLessThan(1e-5);
      expect(nmse(p, solveEquations(equations))).toBeLessThan(1e-8);
      // One slice begins with G, several end with it: only rows of several have the same bits.
      if (LENGTHS[row]! <= SLICE_ENTRIES) continue;
      const bitsOf = ([bits]: Uint32Array[]): Uint32Array => bits!.subarray(number * stride, (number + 1) * stride);
      expect(bitsOf(sliced)).toEqual(bitsOf(whole));
    }
  });

  test("factors that may not be negative", () => {
    const { columns, block } = ratedCase(5);
    const options = { sweeps: 50, start: LENGTHS.map(() => [0, 0, 0, 0, 0]), startBiases: LENGTHS.map(() => 0) };
    const { whole, sliced, statuses } = solvedBothWays(block, columns, RIDGE, options);
    expect(statuses).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sliced).toEqual(whole);
  });

  test("a row that takes a jitter, and one that cannot be solved", () => {
    const { columns, block } = ratedCase(5);
    const free = { ...RIDGE, perEntry: 0, damping: 0 };
    for (const q of columns.factors) q[3] = q[2]!;
    const jittered = solvedBothWays(block, columns, free);
    expect(jittered.status).toBe(-6);
    expect(jittered.statuses).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(jittered.sliced).toEqual(jittered.whole);
    for (const q of columns.factors) q.fill(1e20);
    const failed = solvedBothWays(block, columns, free);
    expect(failed.status).toBe(1);
    expect(failed.statuses).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
