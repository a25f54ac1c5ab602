/** Rows on the pool: to the bit what each is alone, whoever solves it. */
import { afterAll, describe, expect, type MockInstance, onTestFinished, test, vi } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { placeRows } from "../../src/engine/compressed-rows.js";
import { Engine } from "../../src/engine/engine.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { ConfidenceEquations, RatingEquations, type RowEquations } from "../../src/ranking/row-equations.js";
import {
  CHOLESKY,
  CONFIDENCE_CHOLESKY,
  conjugateGradient,
  type RowMethod,
  subspace,
} from "../../src/ranking/row-methods.js";
import { solveRow } from "../../src/ranking/row-solver.js";
import { SLICE_ENTRIES } from "../../src/ranking/row-workspace.js";
import { shortBound } from "../../src/ranking/short-rows.js";
import { type SolvableRows, solveRows } from "../../src/ranking/solve-rows.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { nmse, randomBlock, randomOf } from "../assembly/rating-pass.js";
import { CONFIDENCES, FREE, fixedItems, NUM_FIXED, OFFSET, RATINGS, RIDGE, solverOf } from "./fixed-side.js";

const engine = new Engine();
const VARIANT = VARIANTS.at(-1)!;
const THREADS = [1, 2, 3, 5, 7];

afterAll(() => engine.pool.terminate());

/** Empty rows, rows of a chunk's 4096 entries and more, and many small ones. */
const LENGTHS = [0, 5, 4096, 1, 4097, 0, 9000, 3, ...Array.from({ length: 400 }, (_, row) => (row * 37) % 90), 0];

const LONG = SLICE_ENTRIES + 1;

function matrixOf(lengths: readonly number[]): SparseMatrix {
  const { offsets, columns, values } = randomBlock(lengths, NUM_FIXED, randomOf(12));
  const arrays = [Uint32Array.from(offsets), Uint32Array.from(columns), Float32Array.from(values)] as const;
  return new SparseMatrix(lengths.length, NUM_FIXED, ...arrays);
}

interface Setting {
  readonly lengths: readonly number[];
  readonly equations: RowEquations;
  readonly method?: RowMethod;
  readonly factors?: number;
}

/** Everything that `solveRows` takes; row t is written where it stands from the end. Given back with the test. */
async function setUp({ lengths, equations, method = CHOLESKY, factors = 13 }: Setting) {
  const scope = engine.arena.scope();
  const { scores, fixed } = fixedItems(engine, factors, VARIANT);
  onTestFinished(() => {
    scores.dispose();
    scope.release();
  });
  const { stride } = fixed;
  const numSolved = lengths.length + 10;
  const solved: FactorTable = {
    factorsPtr: scope.allocate(numSolved * stride * 4),
    biasPtr: scope.allocate(numSolved * 4),
    rows: numSolved,
    stride,
  };
  const numbers = Uint32Array.from(lengths, (_, row) => lengths.length + 5 - row);
  const matrix = matrixOf(lengths);
  const writeTerms = equations.writeTerms.bind(equations);
  const entries = await placeRows(engine.arena, scope, matrix, writeTerms, new TimeSlice(undefined));
  const rows: SolvableRows = { entries, numbers, equations, offset: OFFSET, method, sweeps: 1000 };
  return { scores, fixed, solved, numbers, matrix, rows };
}

type Placed = Awaited<ReturnType<typeof setUp>>;

const contents = ({ factorsPtr, biasPtr, rows, stride }: FactorTable) => ({
  factors: engine.arena.float32(factorsPtr, rows * stride).slice(),
  biases: engine.arena.float32(biasPtr, rows).slice(),
});

const solve = ({ rows, fixed, solved }: Placed, threads: number) =>
  solveRows({ engine, variant: VARIANT, run: { threads } }, rows, fixed, solved);

/** What there should be: every row solved alone, the others as they are. */
function oneByOne({ matrix, fixed, solved, numbers, rows }: Placed) {
  const expected = contents(solved);
  const solver = solverOf(engine, fixed, rows.equations, VARIANT);
  for (const [row, number] of numbers.entries()) {
    const [begin, end] = [matrix.offsets[row]!, matrix.offsets[row + 1]!];
    const entries = { columns: matrix.columns.slice(begin, end), values: matrix.values.slice(begin, end) };
    const { factors, bias } = solveRow(solver, entries)!;
    expected.factors.set(factors, number * fixed.stride);
    expected.biases[number] = bias;
  }
  return expected;
}

/** The same bits on any number of threads as each row has alone, at constant memory. */
async function expectAsAlone(setting: Setting): Promise<void> {
  const placed = await setUp(setting);
  const { solved } = placed;
  const expected = oneByOne(placed);
  const before = contents(solved);
  const { bytesInUse } = engine.arena;
  for (const threads of THREADS) {
    engine.arena.float32(solved.factorsPtr, before.factors.length).set(before.factors);
    engine.arena.float32(solved.biasPtr, before.biases.length).set(before.biases);
    expect(await solve(placed, threads)).toEqual({ jittered: 0, failed: undefined });
    const actual = contents(solved);
    expect(Buffer.compare(Buffer.from(actual.factors.buffer), Buffer.from(expected.factors.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(actual.biases.buffer), Buffer.from(expected.biases.buffer))).toBe(0);
  }
  expect(engine.arena.bytesInUse).toBe(bytesInUse);
}

const EQUATIONS: readonly (readonly [string, RowEquations])[] = [
  ["ratings with a bias", RATINGS],
  ["ratings without", new RatingEquations({ ...RIDGE, biases: false })],
  ["confidences", CONFIDENCES],
];

describe.each(EQUATIONS)("%s", (_, equations) => {
  test.each([13, 8])("have the bits that each has alone, %i factors", async (factors) => {
    await expectAsAlone({ lengths: LENGTHS, equations, factors });
  });

  test("rows longer than a slice too, among others", async () => {
    const lengths = [7, LONG, 0, SLICE_ENTRIES, 2 * SLICE_ENTRIES, 3, 2 * SLICE_ENTRIES + 77, LONG];
    await expectAsAlone({ lengths, equations, factors: 3 });
  });
});

test("non-negative rows have the bits that each has alone", async () => {
  const equations = new RatingEquations({ ...RIDGE, nonNegative: true });
  await expectAsAlone({ lengths: LENGTHS, equations, factors: 5 });
});

test("long rows are taken together as far as 64 MB of systems go, each once, the others behind them", async () => {
  // A system of 1024 factors takes 4.2 MB, a row of two slices 8.4 MB: seven rows at a time.
  const long = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const lengths = Array.from({ length: 16 }, (_, row) => (long.includes(row) ? LONG : 5));
  const { rows, fixed, solved } = await setUp({ lengths, equations: CONFIDENCES, factors: 1024 });
  const jobs: [kernel: string, rows: number[]][] = [];
  const run = vi.spyOn(engine, "run").mockImplementation(async ({ kernel, ...job }) => {
    const { chunkArgumentsPtr, argumentsPerChunk, numChunks } = job;
    const table = engine.arena.float64(chunkArgumentsPtr, argumentsPerChunk * numChunks);
    jobs.push([kernel, Array.from({ length: numChunks }, (_, chunk) => table[chunk * argumentsPerChunk]!)]);
  });
  onTestFinished(() => run.mockRestore());
  await solveRows({ engine, variant: VARIANT, run: { threads: 2 } }, rows, fixed, solved);
  expect(jobs.filter(([kernel]) => kernel === "accumulateSlice").map(([, slices]) => slices.length)).toEqual([
    14, 14, 2,
  ]);
  expect(jobs.filter(([kernel]) => kernel === "mergeSlices").map(([, merged]) => merged.length)).toEqual([7, 7, 1]);
  expect(jobs.filter(([kernel]) => kernel === "solveMerged").flatMap(([, each]) => each)).toEqual(long);
  expect(jobs.at(-1)).toEqual(["solveRows", [7]]);
});

describe.each([conjugateGradient(4), subspace(8)])("$kernel", (method) => {
  /** Starts from the same row, always. */
  const start = ({ factorsPtr, rows, stride }: FactorTable): void => {
    engine.arena.float32(factorsPtr, rows * stride).forEach((_, at, all) => {
      all[at] = at % stride < 13 ? ((at * 7) % 11) / 10 - 0.5 : 0;
    });
  };

  test("has one answer on any number of threads", async () => {
    const placed = await setUp({ lengths: [...LENGTHS, LONG], equations: CONFIDENCES, method });
    const expected: Float32Array[] = [];
    for (const threads of THREADS) {
      start(placed.solved);
      expect(await solve(placed, threads)).toEqual({ jittered: 0, failed: undefined });
      expected.push(contents(placed.solved).factors);
    }
    for (const factors of expected.slice(1)) expect(factors).toEqual(expected[0]);
  });

  test("solves long rows exactly, and comes to the solution of the others by itself", async () => {
    const placed = await setUp({ lengths: [40, LONG, 7], equations: CONFIDENCES, method });
    const { solved, fixed, numbers } = placed;
    const { factors } = oneByOne(placed);
    start(solved);
    const rowOf = (all: Float32Array, row: number): Float32Array =>
      all.subarray(numbers[row]! * fixed.stride, (numbers[row]! + 1) * fixed.stride);
    await solve(placed, 2);
    expect(rowOf(contents(solved).factors, 1)).toEqual(rowOf(factors, 1));
    const first = nmse(rowOf(contents(solved).factors, 0), rowOf(factors, 0));
    expect(first).toBeGreaterThan(1e-8);
    for (let time = 0; time < 40; time++) await solve(placed, 2);
    for (const row of [0, 2])
      expect(nmse(rowOf(contents(solved).factors, row), rowOf(factors, row))).toBeLessThan(1e-9);
  });
});

test("rows that take a jitter are counted, short and long", async () => {
  const equations = new RatingEquations({ ...FREE, biases: false });
  const placed = await setUp({ lengths: [5, 200, 0, 12, 13, LONG, LONG], equations });
  const { itemFactors } = placed.scores;
  // The row of 13 has a column twice.
  for (const threads of THREADS) expect(await solve(placed, threads)).toEqual({ jittered: 3, failed: undefined });
  for (let item = 0; item < NUM_FIXED; item++) itemFactors.row(item)[4] = itemFactors.row(item)[9]!;
  for (const threads of THREADS) expect(await solve(placed, threads)).toEqual({ jittered: 6, failed: undefined });
});

describe("a row beyond all numbers", () => {
  test.each([
    ["a short one", [9, 0, 3, 4000, 5, 200], 3],
    ["a long one", [9, LONG, 3, 4000, 5, LONG], 1],
    ["of both the first", [9, 2, 4000, 4000, 5, LONG], 2],
  ])("is told, whoever comes to it first: %s", async (_, lengths, expected) => {
    const placed = await setUp({ lengths, equations: RATINGS });
    const { matrix, scores } = placed;
    const begin = matrix.offsets[expected]!;
    const bad = matrix.columns.subarray(begin).find((column) => !matrix.columns.subarray(0, begin).includes(column))!;
    scores.itemFactors.row(bad).fill(1e20);
    const isHit = (row: number): boolean =>
      matrix.columns.subarray(matrix.offsets[row], matrix.offsets[row + 1]).includes(bad);
    expect([...lengths.keys()].find(isHit)).toBe(expected);
    for (const threads of THREADS) expect((await solve(placed, threads)).failed).toBe(expected);
  });
});

test("of an aborted job: memory comes back", async () => {
  for (const lengths of [LENGTHS, [LONG]]) {
    const { rows, fixed, solved } = await setUp({ lengths, equations: CONFIDENCES });
    const { bytesInUse } = engine.arena;
    const run = { threads: 2, signal: AbortSignal.abort(new Error("no")) };
    const solving = solveRows({ engine, variant: VARIANT, run }, rows, fixed, solved);
    await expect(solving).rejects.toThrow("no");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  }
});

test("of none: nothing to do", async () => {
  for (const equations of [RATINGS, CONFIDENCES]) {
    const placed = await setUp({ lengths: [], equations });
    const before = contents(placed.solved);
    expect(await solve(placed, 2)).toEqual({ jittered: 0, failed: undefined });
    expect(contents(placed.solved)).toEqual(before);
  }
});

describe("short rows of confidences", () => {
  const SHORT = [...LENGTHS, ...Array.from({ length: 2000 }, (_, row) => row % 9)];

  const kernelsOf = (run: MockInstance<typeof engine.run>): string[] => run.mock.calls.map(([{ kernel }]) => kernel);

  test("are solved from their entries' side, to one answer on any number of threads", async () => {
    const setting = { lengths: SHORT, equations: CONFIDENCES, factors: 32 };
    const placed = await setUp({ ...setting, method: CONFIDENCE_CHOLESKY });
    const { solved, fixed, numbers } = placed;
    const expected = oneByOne(placed);
    const { bytesInUse } = engine.arena;
    const run = vi.spyOn(engine, "run");
    onTestFinished(() => run.mockRestore());
    let first: Float32Array | undefined;
    for (const threads of THREADS) {
      engine.arena.float32(solved.factorsPtr, expected.factors.length).fill(7);
      expect(await solve(placed, threads)).toEqual({ jittered: 0, failed: undefined });
      const { factors } = contents(solved);
      first ??= factors;
      expect(factors).toEqual(first);
    }
    expect(kernelsOf(run).filter((kernel) => kernel === "shortRows").length).toBe(THREADS.length);
    for (const [row, length] of SHORT.entries()) {
      const own = [numbers[row]! * fixed.stride, (numbers[row]! + 1) * fixed.stride] as const;
      const [actual, alone] = [first!.subarray(...own), expected.factors.subarray(...own)];
      if (length === 0 || length >= 25) expect(actual).toEqual(alone);
      else expect(nmse(actual, alone)).toBeLessThan(1e-10);
    }
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("are as all others where they cannot be solved so", async () => {
    const equations = new ConfidenceEquations(
      { kind: "linear", alpha: 0.5, epsilon: 1, unobservedWeight: 0.25, observed: "raised" },
      { regularization: 0, exponent: 0, countUnobserved: true },
    );
    const outcomes = [];
    for (const method of [CHOLESKY, CONFIDENCE_CHOLESKY]) {
      const placed = await setUp({ lengths: SHORT, equations, factors: 32, method });
      for (let item = 0; item < NUM_FIXED; item++) placed.scores.itemFactors.row(item)[4] = 0;
      const outcome = await solve(placed, 2);
      outcomes.push({ outcome, ...contents(placed.solved) });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  test("are not worth it where they are few, nor for ratings", async () => {
    const run = vi.spyOn(engine, "run");
    onTestFinished(() => run.mockRestore());
    for (const [lengths, equations] of [
      [LENGTHS.slice(0, 30), CONFIDENCES],
      [SHORT, RATINGS],
    ] as const) {
      const placed = await setUp({ lengths, equations, factors: 32, method: CONFIDENCE_CHOLESKY });
      await solve(placed, 2);
    }
    expect(kernelsOf(run)).not.toContain("shortRows");
    expect(kernelsOf(run)).toContain("solveRows");
  });
});

describe("shortBound", () => {
  const bound = (lengths: readonly number[], stride: number, rows: number): number => {
    const offsets = new Uint32Array(lengths.length + 1);
    for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;
    return shortBound(offsets, { rows, stride, factorsPtr: 0, biasPtr: 0 });
  };

  test("is at most seven below the width of the system, where short rows are many", () => {
    expect(bound(new Array<number>(1e5).fill(5), 64, 1000)).toBe(57);
    expect(bound(new Array<number>(1e5).fill(5), 20, 1000)).toBe(17);
  });

  test("is 0 where there are none, few, or the other side is large", () => {
    expect(bound([], 64, 1000)).toBe(0);
    expect(bound(new Array<number>(1e5).fill(57), 64, 1000)).toBe(0);
    expect(bound(new Array<number>(1e5).fill(0), 64, 1000)).toBe(0);
    expect(bound(new Array<number>(20).fill(5), 64, 1000)).toBe(0);
    expect(bound(new Array<number>(1e4).fill(5), 64, 1e7)).toBe(0);
  });
});
