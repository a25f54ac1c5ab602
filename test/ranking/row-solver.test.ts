import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import type { Scope } from "../../src/engine/arena.js";
import { Engine } from "../../src/engine/engine.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { explainRow, NO_RIDGE, type Ridge, type RowSolver, solveRow, solveRows } from "../../src/ranking/row-solver.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { nmse, randomBlock, randomOf } from "../assembly/rating-pass.js";
import { dot, type TwinBlock, type TwinSide } from "../twins/rating-pass.js";
import { ridgeEquations, solveEquations, type TwinRidge } from "../twins/ridge-row.js";
import { toyScores } from "./toy-scores.js";

const engine = new Engine();
let scope: Scope;

beforeAll(() => {
  scope = engine.arena.scope();
});

afterAll(() => engine.pool.terminate());

const RIDGE: Ridge = { perEntry: 0.0625, damping: 0.375, biasPerEntry: 0.03125, biasDamping: 0.5, biases: true };
const OFFSET = 1.5;

/** The items of a model as the side that is fixed, and their twin. */
function fixedItems(factors: number, variant = VARIANTS[0]!) {
  const scores = toyScores(engine, variant, { numUsers: 1, numItems: 300, factors });
  const columns: TwinSide = {
    factors: Array.from({ length: 300 }, (_, item) => Float64Array.from(scores.itemFactors.row(item))),
    biases: Float64Array.from(scores.itemBias),
    lambdas: [],
  };
  return { scores, columns, fixed: scores.table("items") };
}

const solverOf = (fixed: FactorTable, ridge: Ridge, variant = VARIANTS[0]!): RowSolver => {
  return { arena: engine.arena, kernels: engine.kernels(variant), fixed, offset: OFFSET, ridge };
};

/** As the kernels know it. */
const twinRidge = ({ biases, ...ridge }: Ridge): TwinRidge => {
  return { ...ridge, biasPerEntry: biases ? ridge.biasPerEntry : -1, offset: OFFSET };
};

function entriesOf(length: number) {
  const { columns, values } = randomBlock([length], 300, randomOf(length));
  return { columns: Uint32Array.from(columns), values: Float32Array.from(values) };
}

describe.each(VARIANTS)("one row, %s", (variant) => {
  test.each([true, false])("as in f64, with a bias: %s", (biases) => {
    for (const factors of [0, 1, 5, 13]) {
      const { scores, columns, fixed } = fixedItems(factors, variant);
      const ridge = { ...RIDGE, biases };
      const { bytesInUse } = engine.arena;
      for (const length of [1, 7, 200]) {
        const entries = entriesOf(length);
        const solved = solveRow(solverOf(fixed, ridge, variant), entries)!;
        const expected = solveEquations(ridgeEquations(columns, entries, twinRidge(ridge)));
        const p = solved.factors.subarray(0, factors);
        expect(nmse(biases ? [...p, solved.bias] : p, expected)).toBeLessThan(1e-10);
        if (!biases) expect(solved.bias).toBe(0);
        expect(solved.factors.length).toBe(fixed.stride);
        expect([...solved.factors.subarray(factors)].every((value) => value === 0)).toBe(true);
        const weights = explainRow(solverOf(fixed, ridge, variant), entries, 11)!;
        const residuals = Array.from(entries.columns, (column, t) => {
          return entries.values[t]! - OFFSET - columns.biases[column]!;
        });
        expect(dot(weights, residuals)).toBeCloseTo(dot(p, columns.factors[11]!) + solved.bias, 4);
      }
      expect(engine.arena.bytesInUse).toBe(bytesInUse);
      scores.dispose();
    }
  });

  test("of no entries is nothing", () => {
    const { scores, fixed } = fixedItems(5, variant);
    const nothing = entriesOf(0);
    expect(solveRow(solverOf(fixed, RIDGE, variant), nothing)).toEqual({ factors: new Float32Array(8), bias: 0 });
    expect(explainRow(solverOf(fixed, RIDGE, variant), nothing, 3)).toEqual(new Float32Array(0));
    scores.dispose();
  });

  test("with singular equations is undefined, and so is its explanation", () => {
    const { scores, fixed } = fixedItems(13, variant);
    const free = { ...RIDGE, perEntry: 0, damping: 0 };
    const { bytesInUse } = engine.arena;
    expect(solveRow(solverOf(fixed, free, variant), entriesOf(4))).toBeUndefined();
    expect(explainRow(solverOf(fixed, free, variant), entriesOf(4), 3)).toBeUndefined();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
  });

  test("without factors or a bias stays 0", () => {
    const { scores, fixed } = fixedItems(0, variant);
    expect(solveRow(solverOf(fixed, NO_RIDGE, variant), entriesOf(5))).toEqual({
      factors: new Float32Array(0),
      bias: 0,
    });
    scores.dispose();
  });
});

describe("rows on the pool", () => {
  /** Empty rows, rows of a chunk's 4096 entries and more, and many small ones. */
  const LENGTHS = [0, 5, 4096, 1, 4097, 0, 9000, 3, ...Array.from({ length: 400 }, (_, row) => (row * 37) % 90), 0];
  const block: TwinBlock = randomBlock(LENGTHS, 300, randomOf(12));
  const matrix = new SparseMatrix(
    LENGTHS.length,
    300,
    Uint32Array.from(block.offsets),
    Uint32Array.from(block.columns),
    Float32Array.from(block.values),
  );
  /** Row t is written where it stands from the end. */
  const numbers = Uint32Array.from(LENGTHS, (_, row) => LENGTHS.length + 5 - row);
  const numSolved = LENGTHS.length + 10;

  const table = (stride: number): FactorTable => ({
    factorsPtr: scope.allocate(numSolved * stride * 4),
    biasPtr: scope.allocate(numSolved * 4),
    rows: numSolved,
    stride,
  });

  const contents = ({ factorsPtr, biasPtr, rows, stride }: FactorTable) => ({
    factors: engine.arena.float32(factorsPtr, rows * stride).slice(),
    biases: engine.arena.float32(biasPtr, rows).slice(),
  });

  test.each([1, 2, 3, 5, 7])("have the bits that each has alone, on %i threads", async (threads) => {
    const { scores, fixed } = fixedItems(13);
    const solved = table(fixed.stride);
    engine.arena.float32(solved.biasPtr, numSolved).fill(7);
    const expected = contents(solved);
    for (const [row, length] of LENGTHS.entries()) {
      const begin = matrix.offsets[row]!;
      const entries = {
        columns: matrix.columns.slice(begin, begin + length),
        values: matrix.values.slice(begin, begin + length),
      };
      const { factors, bias } = solveRow(solverOf(fixed, RIDGE), entries)!;
      expected.factors.set(factors, numbers[row]! * fixed.stride);
      expected.biases[numbers[row]!] = bias;
    }
    const { bytesInUse } = engine.arena;
    const context = { engine, variant: VARIANTS[0]!, run: { threads } };
    const failed = await solveRows(context, { fixed, offset: OFFSET, ridge: RIDGE }, solved, numbers, matrix);
    expect(failed).toBeUndefined();
    expect(contents(solved)).toEqual(expected);
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
  });

  test("of which one is singular: the first, whoever comes to it first", async () => {
    const { scores, fixed } = fixedItems(13);
    const free = { ...RIDGE, perEntry: 0, damping: 0 };
    const solved = table(fixed.stride);
    for (const threads of [1, 2, 3, 5, 7]) {
      const context = { engine, variant: VARIANTS[0]!, run: { threads } };
      const failed = await solveRows(context, { fixed, offset: OFFSET, ridge: free }, solved, numbers, matrix);
      expect(failed).toBe(1); // five entries for 13 factors
    }
    scores.dispose();
  });

  test("of an aborted job: memory comes back", async () => {
    const { scores, fixed } = fixedItems(13);
    const solved = table(fixed.stride);
    const { bytesInUse } = engine.arena;
    const run = { threads: 2, signal: AbortSignal.abort(new Error("no")) };
    const context = { engine, variant: VARIANTS[0]!, run };
    const solving = solveRows(context, { fixed, offset: OFFSET, ridge: RIDGE }, solved, numbers, matrix);
    await expect(solving).rejects.toThrow("no");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
  });

  test("of none: nothing to do", async () => {
    const { scores, fixed } = fixedItems(5);
    const none = new SparseMatrix(0, 300, new Uint32Array(1), new Uint32Array(0), new Float32Array(0));
    const context = { engine, variant: VARIANTS[0]!, run: { threads: 2 } };
    const solver = { fixed, offset: OFFSET, ridge: RIDGE };
    expect(await solveRows(context, solver, table(8), new Uint32Array(0), none)).toBeUndefined();
    scores.dispose();
  });
});
