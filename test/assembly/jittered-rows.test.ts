import { describe, expect, test } from "vitest";
import { dot, type TwinBlock, type TwinSide } from "../twins/rating-pass.js";
import {
  extended,
  relativeResidual,
  residualOf,
  ridgeEquations,
  solveEquations,
  type TwinRidge,
} from "../twins/ridge-row.js";
import { type ConfidenceCase, confidenceCase, equationsOf, startRows } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE } from "./row-solves.js";

const COLUMNS = 211;

/** No pull to zero, without a bias and with one. */
const FREE: TwinRidge = { perEntry: 0, damping: 0, biasPerEntry: -1, biasDamping: 0, offset: 0 };
const FREES: [name: string, ridge: TwinRidge][] = [
  ["without a bias", FREE],
  ["with one", { ...FREE, biasPerEntry: 0 }],
];

/** No row of up to 211 entries has a column twice. */
function setUp(factors: number, rowLengths: readonly number[]): { columns: TwinSide; block: TwinBlock } {
  const random = randomOf(factors + 5000);
  const columns = randomSide(COLUMNS, factors, random);
  const block = randomBlock(rowLengths, COLUMNS, random);
  return { columns, block: { ...block, columns: Array.from(block.columns, (_, t) => (37 * t + 1) % COLUMNS) } };
}

/** What a solved row makes of its equations: all of it, and of its bias if it has one. */
function solutionOf(solve: PlacedSolve, row: number, ridge: TwinRidge): number[] {
  const { factors, bias } = solve.solved(row);
  return ridge.biasPerEntry < 0 ? [...factors] : [...factors, bias];
}

/** ‖z − scores‖ / ‖z‖ of the entries of a solved row. */
function misfit(solve: PlacedSolve, columns: TwinSide, block: TwinBlock, row: number, ridge: TwinRidge): number {
  const x = solutionOf(solve, row, ridge);
  const { columns: indices, values } = entriesOf(block, row);
  const scores = Array.from(indices, (column) => dot(extended(columns, column, ridge), x));
  return Math.sqrt(
    nmse(
      scores,
      Array.from(indices, (column, t) => residualOf(columns, column, values[t]!, ridge)),
    ),
  );
}

describe.each(VARIANTS)("rows that take a jitter, %s", (variant) => {
  describe.each(FREES)("ratings %s", (_, ridge) => {
    test.each([2, 3, 5, 8, 13, 64, 100])("half as many entries as factors, %i", (factors) => {
      const few = Math.floor(factors / 2);
      const lengths = [4 * factors, few, 0, few, 4 * factors, few];
      const { columns, block } = setUp(factors, lengths);
      const solve = new PlacedSolve(variant, block, columns, ridge);
      expect(solve.solve(0, 6)).toBe(-3);
      for (const [row, length] of lengths.entries()) {
        expect(solve.solve(row, row + 1)).toBe(length === few ? -1 : 0);
        const x = solutionOf(solve, row, ridge);
        // The jitter is 16 size 2⁻²³ of the longest diagonal, which the shortest pivot of a row may be 50 times of.
        const error = relativeResidual(ridgeEquations(columns, entriesOf(block, row), ridge), x);
        expect(error).toBeLessThan(length === few ? 0.05 : 1e-4);
      }
      // So few entries can all be scored as they are.
      for (const row of [1, 3, 5]) expect(misfit(solve, columns, block, row, ridge)).toBeLessThan(0.02);
      expect([...solve.solved(2).factors]).toEqual(new Array<number>(factors).fill(0));
      expect(solve.memory.touchedCanaries()).toEqual([]);
    });

    test.each([2, 3, 4, 5, 9])("two of %i factors that are always the same, whichever they are", (factors) => {
      for (let second = 1; second < factors; second++) {
        const { columns, block } = setUp(factors, [40]);
        for (const q of columns.factors) q[second] = q[second - 1]!;
        const solve = new PlacedSolve(variant, block, columns, ridge);
        expect(solve.solve(0, 1)).toBe(-1);
        const x = solutionOf(solve, 0, ridge);
        expect(relativeResidual(ridgeEquations(columns, entriesOf(block, 0), ridge), x)).toBeLessThan(1e-3);
        // Of all that fit, the shortest: the weight is shared out evenly.
        expect(x[second]! / x[second - 1]!).toBeCloseTo(1, 1);
      }
    });
  });

  test.each([2, 5, 8, 13, 64])("confidences without G or λ, half as many entries as factors, %i", (factors) => {
    const each = withoutPull(confidenceCase({ factors, lengths: [Math.ceil(factors / 2), 0, 4 * factors] }));
    const values = Array.from(each.block.values, (_, t) => 1 + (t % 3)); // every entry has a weight
    const block = { ...each.block, values };
    const solve = new PlacedSolve(variant, block, each.columns, each.confidence);
    expect(solve.solve(0, 3)).toBe(-1);
    for (const row of [0, 2]) {
      const error = relativeResidual(equationsOf({ ...each, block }, row), solve.solved(row).factors);
      expect(error).toBeLessThan(row === 0 ? 0.05 : 1e-4);
    }
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("without factors a bias needs one entry, and no pull", () => {
    const { columns, block } = setUp(0, [3, 0, 1]);
    const solve = new PlacedSolve(variant, block, columns, { ...FREE, biasPerEntry: 0 });
    expect(solve.solve(0, 3)).toBe(0);
    const residuals = [0, 1, 2].map((t) => block.values[t]! - columns.biases[block.columns[t]!]!);
    expect(solve.solved(0).bias).toBeCloseTo(residuals.reduce((sum, each) => sum + each, 0) / 3, 6);
    expect(solve.solved(1).bias).toBe(0);
  });

  test("a factor that every column lacks is 0, and takes no jitter", () => {
    const { columns, block } = setUp(5, [40]);
    for (const q of columns.factors) q[3] = 0;
    const solve = new PlacedSolve(variant, block, columns, FREE);
    expect(solve.solve(0, 1)).toBe(0);
    const without = { ...columns, factors: columns.factors.map((q) => q.filter((_, f) => f !== 3)) };
    const x = [...solveEquations(ridgeEquations(without, entriesOf(block, 0), FREE))];
    expect(solve.solved(0).factors[3]).toBe(0);
    expect(nmse(solve.solved(0).factors, [...x.slice(0, 3), 0, ...x.slice(3)])).toBeLessThan(1e-10);
  });
});

/** A case whose equations have nothing but its entries. */
function withoutPull(each: ConfidenceCase): ConfidenceCase {
  const gram = each.confidence.gram.map((line) => line.map(() => 0));
  return { ...each, confidence: { ...each.confidence, gram, perEntry: 0, damping: 0 } };
}

describe.each(VARIANTS)("rows that cannot be solved, %s", (variant) => {
  /** Row 2 of five fails: 3 is returned, those before it are solved, those from it on are as they were. */
  const expectThirdToFail = (solve: PlacedSolve): void => {
    const before = solve.bits();
    expect(solve.solve(0, 5)).toBe(3);
    const after = solve.bits();
    for (const table of [0, 1]) {
      const width = before[table]!.length / 5;
      expect(after[table]!.subarray(2 * width)).toEqual(before[table]!.subarray(2 * width));
      expect(after[table]!.subarray(0, 2 * width)).not.toEqual(before[table]!.subarray(0, 2 * width));
    }
    expect([...solve.solved(0).factors].every(Number.isFinite)).toBe(true);
    expect(solve.solve(3, 5)).toBe(0);
    expect(solve.solve(2, 3)).toBe(3);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  };

  test.each([
    ["1e20, whose square overflows", 1e20],
    ["an infinite one", Number.POSITIVE_INFINITY],
    ["one that is no number", Number.NaN],
  ])("a factor of %s", (_, factor) => {
    for (const factors of [1, 5, 8, 13]) {
      const lengths = [9, 0, 9, 9, 3];
      const rated = setUp(factors, lengths);
      const each = confidenceCase({ factors, lengths });
      for (const { columns, block } of [rated, each]) {
        block.columns = Array.from(block.columns, (column, t) => (t === 12 ? 0 : Math.max(1, column))); // of row 2
        columns.factors[0]!.fill(factor);
      }
      each.block.values = Array.from(each.block.values, () => 2);
      expectThirdToFail(new PlacedSolve(variant, rated.block, rated.columns, RIDGE));
      expectThirdToFail(new PlacedSolve(variant, rated.block, rated.columns, { ...RIDGE, biasPerEntry: -1 }));
      expectThirdToFail(new PlacedSolve(variant, each.block, each.columns, each.confidence));
    }
  });

  test.each([Number.NaN, 1e39])("a confidence of %f", (value) => {
    const each = confidenceCase({ factors: 5, lengths: [9, 0, 9, 9, 3] });
    each.block.values = Array.from(each.block.values, (other, t) => (t === 12 ? value : other));
    expectThirdToFail(new PlacedSolve(variant, each.block, each.columns, each.confidence));
  });

  test.each([
    ["no number", Number.NaN],
    ["infinite", Number.POSITIVE_INFINITY],
    ["too large", 1e32],
  ])("a rating that is %s, and leaves nothing behind", (_, value) => {
    for (const factors of [1, 5, 13, 64]) {
      for (const ridge of [RIDGE, { ...RIDGE, biasPerEntry: -1 }, { ...RIDGE, perEntry: 0, damping: 0 }]) {
        const { columns, block } = setUp(factors, [9, 70, 3, 70]);
        const values = Array.from(block.values);
        const clean = new PlacedSolve(variant, block, columns, ridge);
        const jittered = clean.solve(1, 2) + clean.solve(3, 4);
        for (const [t, row] of [[4, 0] as const, [80, 2] as const]) {
          const solve = new PlacedSolve(variant, { ...block, values: values.with(t, value) }, columns, ridge);
          expect(solve.solve(row, 4)).toBe(row + 1);
          expect(solve.solve(1, 2) + solve.solve(3, 4)).toBe(jittered);
          for (const other of [1, 3]) expect(solve.solved(other)).toEqual(clean.solved(other));
          expect(solve.memory.touchedCanaries()).toEqual([]);
        }
      }
    }
  });

  test.each(["solveRows", "conjugateGradientRows", "subspaceRows"] as const)(
    "%s: confidences beyond what f32 can square, also where factors may not be negative",
    (kernel) => {
      for (const [value, factor] of [
        [Number.NaN, 1] as const,
        [Number.POSITIVE_INFINITY, 1] as const,
        [2, 1e20] as const,
      ]) {
        const each = confidenceCase({ factors: 13, lengths: [9, 0, 9, 9, 3] });
        each.block.values = Array.from(each.block.values, (other, t) => (t === 12 ? value : other));
        each.block.columns = Array.from(each.block.columns, (column, t) => (t === 12 ? 0 : Math.max(1, column)));
        each.columns.factors[0]!.fill(factor);
        const start = startRows(5, 13, 4, true);
        for (const sweeps of kernel === "solveRows" ? [0, 20] : [0]) {
          const options = { start, sweeps, steps: 3, blockFactors: 8 };
          const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence, options);
          expect(solve.run(kernel, 0, 5)).toBe(3);
          for (const row of [3, 4]) expect([...solve.solved(row).factors]).toEqual([...start[row]!]);
          expect(solve.run(kernel, 3, 5)).toBe(0);
          expect(solve.memory.touchedCanaries()).toEqual([]);
        }
      }
    },
  );
});
