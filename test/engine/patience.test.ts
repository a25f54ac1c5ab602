/** At first jobs run on the caller's thread; threads are started, and take over, when that has taken its time. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { brokenJob, COUNTED, countingJob, laneJob, relayJob, resultsOf, runAborted } from "./jobs.js";
import { tickAtEveryLook } from "./ticking-clock.js";

const engines: Engine[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const engine of engines.splice(0)) engine.pool.terminate();
});

/** An engine that begins on the caller's thread. @param patience in milliseconds */
function patientEngine(patience: number, workerUrl?: URL) {
  const engine = new Engine(workerUrl ? { workerUrl } : {}, patience);
  engines.push(engine);
  return { engine, scope: engine.arena.scope() };
}

async function expectToWork(engine: Engine): Promise<void> {
  const job = countingJob(engine, engine.arena.scope());
  await engine.run(job, { threads: 2 });
  expect(resultsOf(engine, job)).toEqual(COUNTED);
}

test("little work starts no threads", async () => {
  const { engine, scope } = patientEngine(60_000);
  await expectToWork(engine);
  const { job, tables, expected } = laneJob(engine, scope);
  await engine.run(job, { threads: 3 });
  expect(tables()).toEqual(expected);
  expect(engine.pool.threads).toEqual([]);
});

describe("threads take over in the middle of a job", () => {
  // A look at the clock a chunk: the caller's thread pauses after every fifth, and has enough after so many milliseconds.
  test.each([1, 7, 33, 150])("with phases, patience of %i ms", async (patience) => {
    const { engine, scope } = patientEngine(patience);
    const { job, last } = relayJob(engine, scope, 60, 7);
    tickAtEveryLook(1);
    await engine.run(job, { threads: 3 });
    expect(last().filter((value) => value !== 60)).toEqual([]);
    expect(engine.pool.threads.length).toBe(3);
  });

  test.each([1, 7, 33, 150])("with lanes, patience of %i ms", async (patience) => {
    const { engine, scope } = patientEngine(patience);
    const { job, tables, expected } = laneJob(engine, scope);
    tickAtEveryLook(1);
    await engine.run(job, { threads: 3 });
    expect(tables()).toEqual(expected);
    expect(engine.pool.threads.length).toBe(3);
  });

  test.each([1, 7, 33])("with an order of its own, patience of %i ms", async (patience) => {
    const { engine, scope } = patientEngine(patience);
    const phases = 50;
    const { job, last } = relayJob(engine, scope, phases, 1, 11);
    const orderPtr = scope.allocate(phases * 4);
    const order = engine.arena.uint32(orderPtr, phases);
    const argumentsOf = engine.arena.float64(job.chunkArgumentsPtr, phases * job.argumentsPerChunk);
    const rows = Array.from({ length: phases }, (_, at) => argumentsOf.slice(at * 11, (at + 1) * 11)).reverse();
    for (const [at, row] of rows.entries()) argumentsOf.set(row, at * 11); // the last phase's chunk is the first now
    order.set(Uint32Array.from({ length: phases }, (_, at) => phases - 1 - at));
    tickAtEveryLook(1);
    await engine.run({ ...job, orderPtr }, { threads: 2 });
    expect(last()).toEqual(new Array(11).fill(phases));
    expect(engine.pool.threads.length).toBe(1);
  });

  test("at the first pause, where what is left is sure to take longer", async () => {
    const { engine, scope } = patientEngine(100);
    const { job, last } = relayJob(engine, scope, 60, 7); // 420 chunks, so more than 420 ms: a quarter is too much
    await expectToWork(engine); // compiled now
    const pause = vi.spyOn(globalThis, "setImmediate");
    tickAtEveryLook(1);
    await engine.run(job, { threads: 2 });
    expect(pause).toHaveBeenCalledTimes(1);
    expect(last().filter((value) => value !== 60)).toEqual([]);
    expect(engine.pool.threads.length).toBe(2);
  });

  test("and patience that is spent does not come back", async () => {
    const { engine, scope } = patientEngine(20);
    tickAtEveryLook(1);
    await engine.run(relayJob(engine, scope, 2, 6).job, { threads: 2 });
    expect(engine.pool.threads.length).toBe(0);
    await engine.run(relayJob(engine, scope, 2, 6).job, { threads: 2 });
    expect(engine.pool.threads.length).toBe(2);
    await expectToWork(engine);
  });
});

describe("on the caller's thread", () => {
  test("a trap is told with the kernel and the chunk, and the next job works", async () => {
    const { engine } = patientEngine(60_000);
    await expect(engine.run(brokenJob(engine, engine.arena.scope()))).rejects.toThrow(
      /^scaleValues, chunk 1 of 3, failed: memory access out of bounds/,
    );
    await expectToWork(engine);
    expect(engine.pool.threads).toEqual([]);
  });

  test("a trap after threads took over is told likewise", async () => {
    const { engine, scope } = patientEngine(10);
    tickAtEveryLook(1);
    await expect(engine.run(laneJob(engine, scope, 100).job, { threads: 2 })).rejects.toThrow(
      "scorePairs, chunk 100 of 360, failed",
    );
    expect(engine.pool.threads.length).toBe(2);
    await expectToWork(engine);
  });

  test("a signal ends a job at its next pause, and none starts", async () => {
    const { engine, scope } = patientEngine(60_000);
    await expectToWork(engine); // compiled now
    tickAtEveryLook(3);
    const { outcome, done } = await runAborted(engine, scope);
    expect(outcome).toBe("enough");
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(50);
    await expectToWork(engine);
    expect(engine.pool.threads).toEqual([]);
  });

  test("an abort while threads start to take over keeps the rest from running", async () => {
    const { engine, scope } = patientEngine(10);
    const job = countingJob(engine, scope, 100);
    const controller = new AbortController();
    const outcome = engine.run(job, { threads: 2, signal: controller.signal }).catch((error: unknown) => error);
    tickAtEveryLook(2);
    setTimeout(() => controller.abort("enough"), 5);
    expect(await outcome).toBe("enough");
    expect(resultsOf(engine, job).filter((result) => result > 0).length).toBeLessThan(50);
    await expectToWork(engine);
  });
});

test("a worker that cannot start is told when it is wanted", async () => {
  const { engine, scope } = patientEngine(10, new URL("file:///nowhere/worker.js"));
  await expectToWork(engine);
  tickAtEveryLook(1);
  for (let turn = 0; turn < 2; turn++) {
    await expect(engine.run(relayJob(engine, scope, 10, 3).job, { threads: 2 })).rejects.toThrow(
      /^worker 0 could not start: .*nowhere\/worker\.js/s,
    );
  }
});
