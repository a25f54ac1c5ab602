/** A family of kernels beside the core: loaded on demand, its own modules, its own jobs, the same engine. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { Engine, type EngineOptions } from "../../src/engine/engine.js";
import { type KernelFamily, loadKernels, type Pieces } from "../../src/engine/kernel-family.js";
import { CORE_KERNELS } from "../../src/engine/kernels.js";
import { type JobContext, rangeResults, runRanges } from "../../src/engine/run-ranges.js";
import { COUNTED, countingJob, resultsOf, tilesOf } from "./jobs.js";

const NOT_OURS =
  /the WebAssembly module given as `wasm`, or loaded from beside lowrank, is not of its version; use the files it exports/;
const ALL_KERNELS = Uint8Array.from(readFileSync("dist/lowrank.strict.wasm"));

let engine: Engine;

beforeAll(() => {
  engine = new Engine();
});

afterAll(() => {
  engine.pool.terminate();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs a job of each family. */
async function expectToWork(on: Engine, threads: number): Promise<void> {
  const scope = on.arena.scope();
  const tiles = tilesOf(on, scope);
  const context = { engine: on, variant: "strict", run: { threads } } as const;
  expect(await runRanges({ ...context, family: AUTOREC_KERNELS }, "packTiles", tiles.chunks, tiles.shared)).toBe(0);
  expect(tiles.packed()).toEqual(tiles.expected);
  const job = countingJob(on, scope);
  await on.run(job, context.run);
  expect(resultsOf(on, job)).toEqual(COUNTED);
  scope.release();
}

describe("the kernels of a family", () => {
  test("are compiled once, apart from the core's", async () => {
    const compile = vi.spyOn(WebAssembly, "compile");
    const own = new Engine();
    const [first, second] = await Promise.all([
      own.prepare("strict", AUTOREC_KERNELS),
      own.prepare("strict", AUTOREC_KERNELS),
    ]);
    expect(compile).toHaveBeenCalledTimes(1);
    expect(first).toBe(second);
    expect(own.kernels("strict", AUTOREC_KERNELS)).toBe(first);
    const core = own.kernels("strict");
    expect(own.kernels("strict", CORE_KERNELS)).toBe(core);
    expect("packTiles" in core).toBe(false);
    expect("scorePairs" in first).toBe(false);
  });

  test("work on the caller's thread, without waiting once they are prepared", async () => {
    const own = new Engine();
    const tiles = tilesOf(own, own.arena.scope());
    const kernels = () => own.kernels("strict", AUTOREC_KERNELS);
    expect(kernels).toThrow("the autorec kernels must be prepared before they are called");
    await own.prepare("strict", AUTOREC_KERNELS);
    kernels().packTiles(0, tiles.numRows, ...tiles.shared);
    expect(tiles.packed()).toEqual(tiles.expected);
  });

  test("that cannot be loaded are told by name, and asked for again the next time", async () => {
    const own = new Engine();
    const text = vi.fn(AUTOREC_KERNELS.text as () => Promise<Pieces>);
    text.mockRejectedValueOnce(new TypeError("404 Not Found"));
    const family = { ...AUTOREC_KERNELS, text };
    const message = /^the autorec kernels, .*beside its index\.js, could not be loaded: 404 Not Found$/;
    const tiles = tilesOf(own, own.arena.scope());
    const context = { engine: own, variant: "strict", family, run: { threads: 1 } } as const;
    await expect(runRanges(context, "packTiles", tiles.chunks, tiles.shared)).rejects.toThrow(message);
    expect(await runRanges(context, "packTiles", tiles.chunks, tiles.shared)).toBe(0);
    expect(tiles.packed()).toEqual(tiles.expected);
    await own.prepare("strict", family);
    expect(text).toHaveBeenCalledTimes(2);
    own.pool.terminate();
  });

  test("are named by their type", () => {
    const core: JobContext = { engine, variant: "strict", run: {} };
    const autorec = { ...core, family: AUTOREC_KERNELS };
    const mistakes = [
      // @ts-expect-error: a kernel of another family
      () => runRanges(core, "packTiles", [], []),
      // @ts-expect-error: a kernel of the core
      () => rangeResults(autorec, "scorePairs", [], []),
      // @ts-expect-error: a context whose jobs are of another family
      (): JobContext => autorec,
      // @ts-expect-error: a kernel of the core
      () => engine.kernels("strict", AUTOREC_KERNELS).scorePairs,
    ];
    expect(mistakes.length).toBe(4);
  });
});

describe("jobs of two families", () => {
  test.each([1, 2, 3, 5, 7])("by turns, on %i threads", async (threads) => {
    for (let turn = 0; turn < 3; turn++) await expectToWork(engine, threads);
  });

  test("post each module to a worker once, and never its family", async () => {
    const own = new Engine();
    await own.run(countingJob(own, own.arena.scope()), { threads: 2 });
    const posts = own.pool.threads.map((thread) => vi.spyOn(thread, "post"));
    for (let turn = 0; turn < 3; turn++) await expectToWork(own, 2);
    for (const post of posts) {
      const messages = post.mock.calls.map(([message]) => message);
      const names = messages.flatMap((message) => (message.type === "module" ? [message.name] : []));
      expect(names).toEqual(["autorec strict"]); // the core's was there
      expect(
        messages.flatMap((message) => (message.type === "run" ? [message.job.family] : [])).every((each) => !each),
      ).toBe(true);
    }
    own.pool.terminate();
  });

  test("a trap names the kernel and the chunk", async () => {
    const context = { engine, variant: "strict", family: AUTOREC_KERNELS, run: { threads: 2 } } as const;
    const chunks = [
      [0, 0],
      [0, 1],
    ];
    await expect(runRanges(context, "packTiles", chunks, [2 ** 31, 4, 64, 128])).rejects.toThrow(
      /^packTiles, chunk 1 of 2, failed: memory access out of bounds/,
    );
    await expectToWork(engine, 2);
  });
});

describe("kernels that were given", () => {
  test.each([
    ["as bytes", () => ALL_KERNELS],
    ["compiled", () => new WebAssembly.Module(ALL_KERNELS)],
  ])("%s serve every family, on workers and here", async (_, source) => {
    const strict = source();
    const compile = vi.spyOn(WebAssembly, "compile");
    const own = new Engine({ wasm: { strict } });
    await expectToWork(own, 2);
    await own.prepare("strict");
    const text = vi.fn();
    await own.prepare("strict", { ...AUTOREC_KERNELS, text });
    expect(text).not.toHaveBeenCalled();
    expect(new Engine({ wasm: { strict } }).kernels("strict", { ...AUTOREC_KERNELS, text })).toHaveProperty(
      "packTiles",
    );
    expect(compile).toHaveBeenCalledTimes(strict instanceof WebAssembly.Module ? 0 : 1);
    own.pool.terminate();
  });

  test.each<[string, KernelFamily, KernelFamily]>([
    ["the core", CORE_KERNELS, AUTOREC_KERNELS],
    ["another family", AUTOREC_KERNELS, CORE_KERNELS],
  ])("are refused where they are those of %s alone", async (_, given, wanted) => {
    const wasm: EngineOptions["wasm"] = { strict: await loadKernels("strict", given) };
    const own = new Engine({ wasm });
    await expect(own.prepare("strict", wanted)).rejects.toThrow(NOT_OURS);
    expect(() => own.kernels("strict", wanted)).toThrow(NOT_OURS);
  });
});
