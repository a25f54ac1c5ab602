import { afterAll, afterEach, expect, type MockInstance, test, vi } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { OPTIMIZERS } from "../../src/models/optimizers.js";
import { warmUp } from "../../src/models/warm-up.js";

const engine = new Engine();
const variant = engine.variant(false);
const LARGE = { optimizer: OPTIMIZERS.adagrad, factors: 13, numUsers: 100, size: 1_000_000 };

afterAll(() => engine.pool.terminate());
afterEach(() => void vi.restoreAllMocks());

const kernelsOf = (run: MockInstance<typeof engine.run>): string[] => run.mock.calls.map(([{ kernel }]) => kernel);

test("little data is not worth it", async () => {
  const run = vi.spyOn(engine, "run");
  await warmUp({ engine, variant, run: { threads: 2 } }, { ...LARGE, size: 199_999 });
  expect(kernelsOf(run)).toEqual([]);
  expect(engine.pool.threads.length).toBe(0);
});

test("starts the threads, runs each kernel of a fit once in a process, and gives its memory back", async () => {
  const run = vi.spyOn(engine, "run");
  const { bytesInUse } = engine.arena;
  await warmUp({ engine, variant, run: { threads: 2 } }, LARGE);
  expect(engine.pool.threads.length).toBe(2);
  expect(kernelsOf(run)).toEqual(["fillNormalRows", "cutBand", "adagradRows"]);
  await warmUp({ engine, variant, run: { threads: 3 } }, LARGE);
  expect(engine.pool.threads.length).toBe(3);
  expect(run.mock.calls.length).toBe(3);
  await warmUp({ engine, variant, run: { threads: 3 } }, { ...LARGE, optimizer: OPTIMIZERS.adam });
  expect(kernelsOf(run).slice(3)).toEqual(["fillNormalRows", "cutBand", "adamRows"]);
  expect(engine.arena.bytesInUse).toBe(bytesInUse);
});

test("an abort ends it, with the signal's reason", async () => {
  const { bytesInUse } = engine.arena;
  const run = { threads: 2, signal: AbortSignal.abort(new Error("no")) };
  await expect(warmUp({ engine, variant, run }, { ...LARGE, optimizer: OPTIMIZERS.sgd })).rejects.toThrow("no");
  expect(engine.arena.bytesInUse).toBe(bytesInUse);
});
