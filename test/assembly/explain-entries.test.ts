import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/engine/kernels.js";
import { pullOf } from "../twins/confidence-row.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { dot } from "../twins/rating-pass.js";
import {
  extended,
  residualOf,
  ridgeEquations,
  solveEquations,
  type TwinEquations,
  type TwinRidge,
} from "../twins/ridge-row.js";
import { confidenceCase, equationsOf } from "./confidence-rows.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE, type SolveOptions } from "./row-solves.js";

const COLUMNS = 97;
const LENGTHS = [3, 0, 1, 64, 17, 200];
const FACTOR_COUNTS = [1, 2, 3, 5, 8, 13, 64, 100];

function setUp(factors: number): { columns: TwinSide; block: TwinBlock } {
  const random = randomOf(factors + 6000);
  return { columns: randomSide(COLUMNS, factors, random), block: randomBlock(LENGTHS, COLUMNS, random) };
}

/** Rows of a kind, their equations, and what is true of each column and each entry of them. */
interface Explained {
  block: TwinBlock;
  solve(options: SolveOptions): PlacedSolve;
  equationsOf(row: number): TwinEquations;
  /** What a column is in the equations: [q, 1] or q. */
  vectorOf(column: number): Float64Array;
  /** What the score is linear in. */
  targetOf(column: number, value: number): number;
}

const rated =
  (ridge: TwinRidge) =>
  (variant: Variant, factors: number): Explained => {
    const { columns, block } = setUp(factors);
    return {
      block,
      solve: (options) => new PlacedSolve(variant, block, columns, ridge, options),
      equationsOf: (row) => ridgeEquations(columns, entriesOf(block, row), ridge),
      vectorOf: (column) => extended(columns, column, ridge),
      targetOf: (column, value) => residualOf(columns, column, value, ridge),
    };
  };

const confident = (variant: Variant, factors: number): Explained => {
  const each = confidenceCase({ factors, lengths: LENGTHS, numColumns: COLUMNS });
  return {
    block: each.block,
    solve: (options) => new PlacedSolve(variant, each.block, each.columns, each.confidence, options),
    equationsOf: (row) => equationsOf(each, row),
    vectorOf: (column) => each.columns.factors[column]!,
    targetOf: (_, value) => pullOf(value, each.confidence.beta),
  };
};

describe.each(VARIANTS)("explainEntries, %s", (variant) => {
  /** Σ weight target of a row's entries, and Σ |weight target|. */
  const explainedBy = ({ block, targetOf }: Explained, weights: Float32Array, row: number) => {
    let [sum, terms] = [0, 0];
    for (let t = block.offsets[row]!; t < block.offsets[row + 1]!; t++) {
      const term = weights[t]! * targetOf(block.columns[t]!, block.values[t]!);
      sum += term;
      terms += Math.abs(term);
    }
    return { sum, terms };
  };

  /** Looks at the weights of every row in some scores: what they sum up to, and what `twinOf` has for them. */
  const check = (
    explained: Explained,
    solve: PlacedSolve,
    twinOf: (row: number, column: number, solved: readonly number[]) => Float64Array,
  ): void => {
    const { block, vectorOf } = explained;
    for (const [row, length] of LENGTHS.entries()) {
      const [begin, end] = [block.offsets[row]!, block.offsets[row + 1]!];
      const { factors: p, bias } = solve.solved(row);
      for (const column of [0, 41, length > 0 ? block.columns[begin]! : 96]) {
        const { status, weights } = solve.explain(begin, end, column);
        expect(status).toBe(0);
        const vector = vectorOf(column);
        const solved = vector.length > p.length ? [...p, bias] : [...p];
        const solution = twinOf(row, column, solved);
        const twins = Array.from(entriesOf(block, row).columns, (each) => dot(solution, vectorOf(each)));
        expect(nmse(weights.subarray(begin), twins)).toBeLessThan(1e-10);
        const { sum, terms } = explainedBy(explained, weights, row);
        // both know each term to some 1e-6 of it
        expect(Math.abs(sum - dot(vector, solved))).toBeLessThanOrEqual(1e-5 * terms);
      }
    }
    expect(solve.memory.touchedCanaries()).toEqual([]);
  };

  describe.each([
    ["ratings with a bias", rated(RIDGE), [0, ...FACTOR_COUNTS]],
    ["ratings without", rated({ ...RIDGE, biasPerEntry: -1 }), [0, ...FACTOR_COUNTS]],
    ["confidences", confident, FACTOR_COUNTS],
  ] as const)("%s", (_, make, counts) => {
    test.each(counts)("weights as in f64, and their sum is the score, %i factors", (factors) => {
      const explained = make(variant, factors);
      const solve = explained.solve({});
      expect(solve.solve(0, LENGTHS.length)).toBe(0);
      check(explained, solve, (row, column) => {
        return solveEquations({ ...explained.equationsOf(row), right: explained.vectorOf(column) });
      });
    });

    // The score of factors that are held at zero is nobody's: their lines go, and the rest is as ever.
    test.each(FACTOR_COUNTS)("factors that may not be negative, %i", (factors) => {
      const explained = make(variant, factors);
      const start = LENGTHS.map(() => new Float64Array(factors));
      const solve = explained.solve({ sweeps: 2000, start, startBiases: LENGTHS.map(() => 0) });
      expect(solve.solve(0, LENGTHS.length)).toBe(0);
      check(explained, solve, (row, column, solved) => {
        const { matrix } = explained.equationsOf(row);
        const free = [...solved.keys()].filter((f) => solved[f] !== 0 || f >= factors);
        const vector = explained.vectorOf(column);
        const solution = solveEquations({
          matrix: free.map((i) => Float64Array.from(free, (j) => matrix[i]![j]!)),
          right: Float64Array.from(free, (i) => vector[i]!),
        });
        return vector.map((_, f) => solution[free.indexOf(f)] ?? 0);
      });
    });
  });

  test("λ of the row that is explained, given by itself", () => {
    const each = confidenceCase({ factors: 13, lengths: [40] });
    each.confidence.lambdas = Float32Array.of(17.5);
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence);
    const { status, weights } = solve.explain(0, 40, 7);
    expect(status).toBe(0);
    const solution = solveEquations({ ...equationsOf(each, 0), right: each.columns.factors[7]! });
    const twins = Array.from(each.block.columns, (column) => dot(solution, each.columns.factors[column]!));
    expect(nmse(weights, twins)).toBeLessThan(1e-10);
  });

  test("a row of several slices", () => {
    const each = confidenceCase({ factors: 3, lengths: [5, 70_001] });
    const solve = new PlacedSolve(variant, each.block, each.columns, each.confidence);
    expect(solve.solve(0, 2)).toBe(0);
    const { status, weights } = solve.explain(5, 70_006, 7);
    expect(status).toBe(0);
    let sum = 0;
    for (let t = 5; t < 70_006; t++) sum += weights[t]! * pullOf(each.block.values[t]!, each.confidence.beta);
    const score = dot(each.columns.factors[7]!, solve.solved(1).factors);
    expect(Math.abs(sum / score - 1)).toBeLessThan(1e-4);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("writes the weights of its entries only", () => {
    const { columns, block } = setUp(13);
    const solve = new PlacedSolve(variant, block, columns, RIDGE);
    const [begin, end] = [block.offsets[3]!, block.offsets[4]!];
    expect(begin).toBe(4);
    const { weights } = solve.explain(begin, end, 7);
    expect([...weights.subarray(0, begin)]).toEqual(new Array<number>(begin).fill(Number.NaN));
    expect(weights.subarray(begin).every(Number.isFinite)).toBe(true);
  });

  test("−1 for equations that take a jitter, and weights that explain what solveRows makes of them", () => {
    const free = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, offset: 0 };
    const explained = rated(free)(variant, 13);
    const solve = explained.solve({});
    expect(solve.solve(3, 4)).toBe(0);
    expect(solve.solve(0, 1)).toBe(-1);
    const { status, weights } = solve.explain(0, 3, 7);
    expect(status).toBe(-1);
    const { factors, bias } = solve.solved(0);
    const { sum, terms } = explainedBy(explained, weights, 0);
    expect(Math.abs(sum - dot(explained.vectorOf(7), [...factors, bias]))).toBeLessThan(0.01 * terms);
  });

  test("1 for equations that cannot be solved, and no weights", () => {
    const { columns, block } = setUp(13);
    const free = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, offset: 0 };
    const solve = new PlacedSolve(variant, block, columns, free);
    expect(solve.explain(0, 0, 7).status).toBe(1);
    columns.factors[block.columns[1]!]!.fill(1e20);
    const overflowing = new PlacedSolve(variant, block, columns, RIDGE);
    const { status, weights } = overflowing.explain(0, 3, 7);
    expect(status).toBe(1);
    expect([...weights]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(overflowing.memory.touchedCanaries()).toEqual([]);
  });
});
