import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Scope } from "../../src/engine/arena.js";
import { Engine } from "../../src/engine/engine.js";
import { rangeResults, runRanges } from "../../src/engine/run-ranges.js";
import { randomBlock, randomOf, randomSide } from "../assembly/rating-pass.js";
import { solveWorkspaceBytes } from "../assembly/row-solves.js";
import { jobOf } from "./jobs.js";

const STRIDE = 32;
const ROWS = 600;
const COLUMNS = 50;

let engine: Engine;
let scope: Scope;

beforeAll(() => {
  engine = new Engine();
  scope = engine.arena.scope();
});

afterAll(() => {
  engine.pool.terminate();
});

const place = (content: ArrayLike<number>, view: "float32" | "uint32"): number => {
  const ptr = scope.allocate(Math.max(4, content.length * 4));
  engine.arena[view](ptr, content.length).set(content);
  return ptr;
};

/** Rows to be solved, a chunk each: every one of them writes all over its workspace. */
function rowsToSolve() {
  const random = randomOf(21);
  const { factors, biases } = randomSide(COLUMNS, STRIDE, random);
  const block = randomBlock(
    Array.from({ length: ROWS }, (_, row) => 40 + (row % 50)),
    COLUMNS,
    random,
  );
  const solvedPtr = scope.allocate(ROWS * STRIDE * 4);
  const solvedBiasPtr = scope.allocate(ROWS * 4);
  const fixed = [
    place(
      factors.flatMap((row) => [...row]),
      "float32",
    ),
    place(biases, "float32"),
  ];
  const shared = [
    0,
    place(block.offsets, "uint32"),
    place(block.columns, "uint32"),
    place(block.values, "float32"),
    place(fixed, "uint32"),
    place([solvedPtr, solvedBiasPtr], "uint32"),
    STRIDE,
    place([0.05, 0, 0.05, 0, 0], "float32"),
  ];
  const chunks = Array.from({ length: ROWS }, (_, row): [number, number] => [row, row + 1]);
  const solved = (): Uint32Array[] => {
    return [engine.arena.uint32(solvedPtr, ROWS * STRIDE).slice(), engine.arena.uint32(solvedBiasPtr, ROWS).slice()];
  };
  return { shared, chunks, solved };
}

describe("a job's workspace", () => {
  test.each([1, 2, 3, 5, 7])("is a thread's own, on %i threads", async (threads) => {
    const { shared, chunks, solved } = rowsToSolve();
    const bytes = solveWorkspaceBytes(STRIDE);
    engine.kernels("strict").solveRows(0, ROWS, ...(shared as [0, 0, 0, 0, 0, 0, 0, 0]), scope.allocate(bytes));
    const expected = solved();
    expect(new Set(expected[0]).size).toBeGreaterThan(ROWS);
    expected[0]!.forEach((_, at, all) => {
      expect(all[at]).not.toBe(0);
    });
    for (let round = 0; round < 5; round++) {
      const context = { engine, variant: "strict", run: { threads } } as const;
      engine.arena.uint32(shared[5]!, 2).forEach((ptr, side) => {
        engine.arena.uint32(ptr, side === 0 ? ROWS * STRIDE : ROWS).fill(0);
      });
      expect(await runRanges(context, "solveRows", chunks, shared, bytes)).toBe(0);
      expect(solved()).toEqual(expected);
    }
  });

  test("is the last argument, and as far from the next as it is said to be", async () => {
    const { shared, chunks } = rowsToSolve();
    const bytesPerThread = Math.ceil(solveWorkspaceBytes(STRIDE) / 64) * 64;
    const threads = 3;
    const ptr = scope.allocate((threads + 1) * bytesPerThread);
    const job = jobOf(engine, scope, "solveRows", chunks, shared);
    await engine.run({ ...job, workspace: { ptr, bytesPerThread } }, { threads });
    const used = Array.from({ length: threads + 1 }, (_, part) => {
      return engine.arena.uint32(ptr + part * bytesPerThread, bytesPerThread / 4).some((word) => word !== 0);
    });
    expect(used[0] || used[1] || used[2]).toBe(true);
    expect(used[3]).toBe(false);
  });

  test("comes back, whatever becomes of the job", async () => {
    const { shared, chunks } = rowsToSolve();
    const context = { engine, variant: "strict", run: { threads: 2 } } as const;
    const bytes = solveWorkspaceBytes(STRIDE);
    await runRanges(context, "solveRows", chunks, shared, bytes);
    const { bytesInUse } = engine.arena;
    await runRanges(context, "solveRows", chunks, shared, bytes);
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    const aborted = { ...context, run: { signal: AbortSignal.abort(new Error("no")) } };
    await expect(runRanges(aborted, "solveRows", chunks, shared, bytes)).rejects.toThrow("no");
    const beyond = shared.with(1, 2 ** 32 - 4);
    await expect(runRanges(context, "solveRows", chunks, beyond, bytes)).rejects.toThrow("solveRows");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });
});

describe("the results of ranges", () => {
  /** Range [0, end) of a table of NaNs: countBeyond gives the end. */
  const count = (threads: number, ends: readonly number[]) => {
    const ptr = scope.allocate(1000 * 4);
    engine.arena.float32(ptr, 1000).fill(Number.NaN);
    const context = { engine, variant: "strict", run: { threads } } as const;
    return { context, chunks: ends.map((end) => [0, end]), shared: [ptr, 1] };
  };
  const ENDS = Array.from({ length: 137 }, (_, at) => (at * 311) % 1000);

  test.each([1, 2, 3, 5, 7])("stand in the order of the ranges, on %i threads", async (threads) => {
    const { context, chunks, shared } = count(threads, ENDS);
    expect([...(await rangeResults(context, "countBeyond", chunks, shared))]).toEqual(ENDS);
    expect(await runRanges(context, "countBeyond", chunks, shared)).toBe(ENDS.reduce((sum, end) => sum + end, 0));
  });

  test("of no ranges: none", async () => {
    const { context, chunks, shared } = count(2, []);
    expect([...(await rangeResults(context, "countBeyond", chunks, shared))]).toEqual([]);
    expect(await runRanges(context, "countBeyond", chunks, shared, 1000)).toBe(0);
  });

  test("are the caller's: a later job does not change them", async () => {
    const { context, chunks, shared } = count(2, ENDS);
    const results = await rangeResults(context, "countBeyond", chunks, shared);
    const { bytesInUse } = engine.arena;
    await rangeResults(context, "countBeyond", chunks.toReversed(), shared);
    expect([...results]).toEqual(ENDS);
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });
});
