/** Where memory cannot be shared with workers, jobs run on the caller's thread, in slices. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { Engine } from "../../src/engine/engine.js";
import { runRanges } from "../../src/engine/run-ranges.js";
import { brokenJob, COUNTED, countingJob, jobOf, relayJob, resultsOf, runAborted, tilesOf } from "./jobs.js";
import { tickAtEveryLook } from "./ticking-clock.js";

vi.mock("../../src/engine/thread.js", () => ({
  canShareMemory: () => false,
  startThread: () => {
    throw new Error("no worker may be started");
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `work` and counts the turns that the event loop takes meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    if (isOver) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

describe("without workers", () => {
  test("a job has its results, in order and by phases", async () => {
    const engine = new Engine();
    const scope = engine.arena.scope();
    const job = countingJob(engine, scope);
    await engine.run(job, { threads: 4 });
    expect(resultsOf(engine, job)).toEqual(COUNTED);
    const relay = relayJob(engine, scope, 30, 7);
    await engine.run(relay.job);
    expect(relay.last().filter((value) => value !== 30)).toEqual([]);
    expect(engine.pool.threads).toEqual([]);
  });

  test("a job of another family has its results too", async () => {
    const engine = new Engine();
    const { chunks, shared, packed, expected } = tilesOf(engine, engine.arena.scope());
    const context = { engine, variant: "strict", family: AUTOREC_KERNELS, run: {} } as const;
    expect(await runRanges(context, "packTiles", chunks, shared)).toBe(0);
    expect(packed()).toEqual(expected);
  });

  test("the event loop has a turn every few milliseconds of work", async () => {
    const engine = new Engine();
    const scope = engine.arena.scope();
    const ptr = scope.allocate(64);
    const chunks = Array.from({ length: 300 }, () => [0, 16, ptr, 1]);
    const run = () => engine.run(jobOf(engine, scope, "scaleValues", chunks));
    await run(); // compiled now
    tickAtEveryLook(1);
    const turns = await turnsDuring(run); // 300 chunks of 1 ms each
    expect(turns).toBeGreaterThanOrEqual(30);
    tickAtEveryLook(0);
    expect(await turnsDuring(run)).toBeLessThanOrEqual(2); // and none in work that takes no time
  });

  test("a trap rejects with the kernel and the chunk, and the next job works", async () => {
    const engine = new Engine();
    const scope = engine.arena.scope();
    await expect(engine.run(brokenJob(engine, scope))).rejects.toThrow(
      /^scaleValues, chunk 1 of 3, failed: memory access out of bounds/,
    );
    const job = countingJob(engine, scope);
    await engine.run(job);
    expect(resultsOf(engine, job)).toEqual(COUNTED);
  });

  test("a signal ends a job at its next pause", async () => {
    const engine = new Engine();
    const scope = engine.arena.scope();
    tickAtEveryLook(3);
    const { outcome, done } = await runAborted(engine, scope);
    expect(outcome).toBe("enough");
    expect(done).toBeLessThan(50);
    const next = countingJob(engine, scope);
    await engine.run(next);
    expect(resultsOf(engine, next)).toEqual(COUNTED);
  });

  test("an aborted signal keeps a job from starting, also if it comes while the kernels compile", async () => {
    const engine = new Engine();
    const scope = engine.arena.scope();
    const job = countingJob(engine, scope);
    const controller = new AbortController();
    const outcome = engine.run(job, { signal: controller.signal }).catch((error: unknown) => error);
    await Promise.resolve();
    await Promise.resolve(); // the job is being run, and waits for the module
    controller.abort("too late");
    expect(await outcome).toBe("too late");
    expect(resultsOf(engine, job)).toEqual([0, 0, 0, 0, 0]);
  });
});
