import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Scope } from "../../src/engine/arena.js";
import { Engine } from "../../src/engine/engine.js";
import { BEYOND, COUNTED, countingJob, jobOf, laneJob, longJob, relayJob, resultsOf, until } from "./jobs.js";

let engine: Engine;
let scope: Scope;

beforeAll(() => {
  engine = new Engine();
  scope = engine.arena.scope();
});

afterAll(() => {
  engine.pool.terminate();
});

/** Runs a small job with known results. */
async function expectToWork(): Promise<void> {
  const job = countingJob(engine, scope);
  await engine.run(job, { threads: 2 });
  expect(resultsOf(engine, job)).toEqual(COUNTED);
}

describe("a job", () => {
  test.each([1, 2, 3, 5, 7])("has the same results on %i threads", async (threads) => {
    const length = 60_000;
    const ptr = scope.allocate(length * 4);
    const chunks = Array.from({ length: 60 }, (_, chunk) => [chunk * 10, chunk * 10 + 10]);
    const shared = [ptr, 100, 100, 1, 7, 0, 5];
    await engine.run(jobOf(engine, scope, "fillNormalRows", chunks, shared), { threads });
    const drawn = engine.arena.float32(ptr, length).slice();
    const alone = scope.allocate(length * 4);
    engine.kernels("strict").fillNormalRows(0, 600, alone, 100, 100, 1, 7, 0, 5);
    expect(drawn).toEqual(engine.arena.float32(alone, length).slice());
  });

  test("of no chunks does nothing", async () => {
    await engine.run(jobOf(engine, scope, "countBeyond", []));
  });

  test("has no more threads than chunks in a phase, and keeps them", async () => {
    const own = new Engine();
    await own.run(countingJob(own, own.arena.scope(), 2), { threads: 5 });
    expect(own.pool.threads.length).toBe(2);
    const first = own.pool.threads[0];
    await own.run(countingJob(own, own.arena.scope(), 5), { threads: 3 });
    expect(own.pool.threads.length).toBe(3);
    expect(own.pool.threads[0]).toBe(first);
    own.pool.terminate();
  });

  test("finds the threads that were started before it, and starts none twice", async () => {
    const own = new Engine();
    const ready = own.pool.prepare(2);
    const running = own.run(countingJob(own, own.arena.scope()), { threads: 3 });
    await ready;
    expect(own.pool.threads.length).toBeGreaterThanOrEqual(2);
    await running;
    expect(own.pool.threads.length).toBe(3);
    await own.pool.prepare(1);
    expect(own.pool.threads.length).toBe(3);
    own.pool.terminate();
  });

  test("starts its chunks in the order it is given, by phases", async () => {
    const { job, last } = relayJob(engine, scope, 4, 1, 11);
    const orderPtr = scope.allocate(16);
    engine.arena.uint32(orderPtr, 4).set([0, 1, 2, 3]);
    await engine.run({ ...job, orderPtr }, { threads: 1 });
    expect(last()).toEqual(new Array(11).fill(4));
    const backwards = relayJob(engine, scope, 4, 1, 11);
    engine.arena.uint32(orderPtr, 4).set([3, 2, 1, 0]);
    await engine.run({ ...backwards.job, orderPtr }, { threads: 1 });
    expect(backwards.last()).toEqual(new Array(11).fill(Number.NaN)); // of a table that nobody had written
  });

  test.each([1, 2, 3, 5, 7])("starts a phase when the one before it has ended, on %i threads", async (threads) => {
    const { job, last } = relayJob(engine, scope, 150, 7);
    await engine.run(job, { threads });
    expect(last().filter((value) => value !== 150)).toEqual([]);
  });

  test("waits for those before it", async () => {
    const ended: number[] = [];
    const lengths = [60, 1, 30, 1];
    await Promise.all(
      lengths.map(async (phases, place) => {
        await engine.run(relayJob(engine, scope, phases, 3).job, { threads: 1 + (place % 3) });
        ended.push(place);
      }),
    );
    expect(ended).toEqual([0, 1, 2, 3]);
  });
});

describe("a job with lanes", () => {
  test.each([1, 2, 3, 5, 7])("keeps the order on every lane, on %i threads", async (threads) => {
    for (let round = 0; round < 5; round++) {
      const { job, tables, expected } = laneJob(engine, scope);
      await engine.run(job, { threads });
      expect(tables()).toEqual(expected);
    }
  });

  test.each([2, 3, 6])("ends when a chunk traps, also for those that wait for it, on %i threads", async (threads) => {
    const { job } = laneJob(engine, scope, 100);
    await expect(engine.run(job, { threads })).rejects.toThrow("scorePairs, chunk 100 of 360, failed");
    await expectToWork();
  });

  test("ends when it is aborted", async () => {
    const controller = new AbortController();
    const running = engine.run(laneJob(engine, scope).job, { threads: 3, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expectToWork();
  });
});

describe("a kernel that traps", () => {
  test.each([1, 2, 3])("rejects with the kernel and the chunk, %i threads", async (threads) => {
    const ptr = scope.allocate(40);
    const chunks = [0, 1, 2, 3, 4, 5, 6, 7].map((chunk) => [0, 10, chunk === 5 ? BEYOND : ptr, 1]);
    await expect(engine.run(jobOf(engine, scope, "scaleValues", chunks), { threads })).rejects.toThrow(
      /^scaleValues, chunk 5 of 8, failed: memory access out of bounds/,
    );
    await expectToWork();
    expect(engine.pool.threads.length).toBeGreaterThanOrEqual(threads); // nobody was lost
  });

  test("in an early phase, the later ones do not run", async () => {
    const { job, last } = relayJob(engine, scope, 20, 3);
    const scores = engine.arena.float64(job.chunkArgumentsPtr, job.numChunks * 11);
    scores[7 * 11 + 10] = BEYOND; // where chunk 7, of phase 2, writes
    await expect(engine.run(job, { threads: 3 })).rejects.toThrow("scorePairs, chunk 7 of 60, failed");
    expect(last().every(Number.isNaN)).toBe(true);
    await expectToWork();
  });

  test("does not disturb the jobs queued behind it", async () => {
    const bad = engine.run(jobOf(engine, scope, "scaleValues", [[0, 10, BEYOND, 1]]));
    const good = expectToWork();
    await expect(bad).rejects.toThrow("scaleValues, chunk 0 of 1, failed");
    await good;
  });
});

describe("a worker that ends", () => {
  test("in the middle of a job: rejects with the kernel and the chunk, and the next job has a new one", async () => {
    await expectToWork();
    const own = engine.arena.scope();
    const { job, begun } = longJob(engine, own, 1, 20_000);
    const running = engine.run(job, { threads: 1 });
    await until(() => begun() === 1);
    engine.pool.threads[0]!.terminate();
    await expect(running).rejects.toThrow(/^scorePairs, chunk 0 of 1, failed: worker 0 ended \(exit code 1\)/);
    own.release();
    await expectToWork();
  });

  test("one of several: the others stop after the chunk in hand", async () => {
    await expectToWork();
    const own = engine.arena.scope();
    const { job, begun, ended } = longJob(engine, own, 40, 2000);
    const running = engine.run(job, { threads: 2 });
    await until(() => begun() - ended() === 2); // both have one in hand
    const endedThen = ended();
    engine.pool.threads[1]!.terminate();
    await expect(running).rejects.toThrow(/^scorePairs, chunk \d+ of 40, failed: worker \d ended/);
    expect(ended()).toBeLessThanOrEqual(endedThen + 2);
    own.release();
    await expectToWork();
  });

  test("in another phase than the others, who wait for it", async () => {
    await expectToWork();
    const own = engine.arena.scope();
    const { job, begun } = longJob(engine, own, 4, 20_000);
    const running = engine.run({ ...job, chunksPerPhase: 1 }, { threads: 2 });
    await until(() => begun() === 1);
    engine.pool.terminate();
    await expect(running).rejects.toThrow(/^scorePairs.* failed: worker \d ended/);
    own.release();
    await expectToWork();
  });

  test("between jobs: the next job does not notice", async () => {
    await expectToWork();
    const { length } = engine.pool.threads;
    engine.pool.threads[0]!.terminate();
    await until(() => engine.pool.threads.length < length);
    await expectToWork();
  });

  test("all, by terminate(), and a job straight after has new ones", async () => {
    await expectToWork();
    engine.pool.terminate();
    await expectToWork();
  });

  test("all, by terminate(), while new ones start", async () => {
    const own = new Engine();
    const job = countingJob(own, own.arena.scope());
    const running = own.run(job, { threads: 3 });
    await until(() => own.pool.threads.length > 0);
    own.pool.terminate();
    // either it fails and says so, or it was done by others: never neither
    const outcome = await running.then(
      () => resultsOf(own, job),
      (error: Error) => error.message,
    );
    if (typeof outcome === "string") expect(outcome).toMatch(/ended|could not start/);
    else expect(outcome).toEqual(COUNTED);
    own.pool.terminate();
  });
});

describe("a worker that cannot start", () => {
  test.each([
    ["a file that is not there", new URL("file:///nowhere/worker.js")],
    ["a path that is none", "nowhere/worker.js"],
  ])("%s: rejects and says so, every time", async (_, workerUrl) => {
    const own = new Engine({ workerUrl });
    for (let turn = 0; turn < 2; turn++) {
      await expect(own.run(countingJob(own, own.arena.scope()), { threads: 2 })).rejects.toThrow(
        /^worker 0 could not start: .*nowhere\/worker\.js/s,
      );
    }
    expect(own.pool.threads).toEqual([]);
  });

  test("a script that is another one", async () => {
    const own = new Engine({ workerUrl: new URL("data:text/javascript,process.exit(3)") });
    await expect(own.run(countingJob(own, own.arena.scope()), { threads: 1 })).rejects.toThrow(
      "worker 0 could not start: exit code 3",
    );
  });
});

describe("a signal", () => {
  test("aborted before: rejects with its reason, and nothing runs", async () => {
    const job = countingJob(engine, scope);
    const reason = new Error("not today");
    await expect(engine.run(job, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(resultsOf(engine, job)).toEqual([0, 0, 0, 0, 0]);
    await expectToWork();
  });

  test.each([1, 2, 3])(
    "aborted in the middle: rejects with its reason after the chunks in hand, %i threads",
    async (threads) => {
      const own = engine.arena.scope();
      const { job, begun, ended } = longJob(engine, own, 300, 20);
      const controller = new AbortController();
      const reason = { why: "enough" };
      const running = engine.run(job, { threads, signal: controller.signal });
      const outcome = running.catch((error: unknown) => error);
      await until(() => begun() >= threads);
      controller.abort(reason);
      const begunThen = begun();
      expect(await outcome).toBe(reason);
      expect(ended()).toBe(begun()); // nobody is at work any more
      expect(begun()).toBeLessThanOrEqual(begunThen + 2 * threads);
      own.release();
      await expectToWork();
    },
  );

  test("aborted while threads wait for a phase to end", async () => {
    const own = engine.arena.scope();
    const { job, begun, ended } = longJob(engine, own, 50, 100);
    const controller = new AbortController();
    const outcome = engine
      .run({ ...job, chunksPerPhase: 2 }, { threads: 2, signal: controller.signal })
      .catch((e) => e);
    await until(() => begun() >= 1);
    controller.abort("stop");
    expect(await outcome).toBe("stop");
    expect(ended()).toBeLessThan(10);
    own.release();
    await expectToWork();
  });

  test("aborted while the job waits in the queue, or while its threads start: it does not run", async () => {
    const own = new Engine();
    const ownScope = own.arena.scope();
    const first = countingJob(own, ownScope);
    const second = countingJob(own, ownScope);
    const [a, b] = [new AbortController(), new AbortController()];
    const outcomes = [
      own.run(first, { threads: 2, signal: a.signal }).catch((error: unknown) => error),
      own.run(second, { threads: 2, signal: b.signal }).catch((error: unknown) => error),
    ];
    await new Promise((resolve) => setTimeout(resolve, 0)); // the first one's threads are starting
    expect(own.pool.threads.length).toBe(0);
    a.abort("a");
    b.abort("b");
    expect(await Promise.all(outcomes)).toEqual(["a", "b"]);
    for (const job of [first, second]) expect(resultsOf(own, job)).toEqual([0, 0, 0, 0, 0]);
    own.pool.terminate();
  });

  test("aborted after the end changes nothing", async () => {
    const controller = new AbortController();
    await engine.run(countingJob(engine, scope), { threads: 2, signal: controller.signal });
    controller.abort();
    await expectToWork();
  });
});
