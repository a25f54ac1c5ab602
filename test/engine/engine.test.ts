import { describe, expect, test, vi } from "vitest";
import { bundledKernels } from "../../src/engine/kernel-family.js";

/** The engine is one in a process: every test takes the modules anew. */
async function freshEngine() {
  vi.resetModules();
  return import("../../src/engine/engine.js");
}

/** (module): nothing in it. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
/** (module (import "other" "f" (func))) */
const FOREIGN_MODULE = Uint8Array.of(
  ...EMPTY_MODULE,
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 11, 1, 5, ...new TextEncoder().encode("other"), 1, 102, 0, 0],
);
const NOT_OURS =
  /the WebAssembly module given as `wasm`, or loaded from beside lowrank, is not of its version; use the files it exports/;
const NO_MODULE = /^the bytes given as wasm\.strict do not compile: /;

describe("the engine", () => {
  test("is one, and starts at the first call", async () => {
    const { engine } = await freshEngine();
    expect(engine()).toBe(engine());
  });

  test("kernels() compiles at once, without waiting; prepare() gives the same", async () => {
    const { engine } = await freshEngine();
    const kernels = engine().kernels("strict");
    expect(kernels.scaleValues(0, 0, 64, 1)).toBe(0);
    expect(engine().kernels("strict")).toBe(kernels);
    expect(await engine().prepare("strict")).toBe(kernels);
  });

  test("prepare() twice at once compiles once", async () => {
    const compile = vi.spyOn(WebAssembly, "compile");
    const { engine } = await freshEngine();
    const [first, second] = await Promise.all([engine().prepare("strict"), engine().prepare("strict")]);
    expect(first).toBe(second);
    expect(compile).toHaveBeenCalledTimes(1);
    compile.mockRestore();
  });

  test("takes the relaxed variant where it runs and nothing else is asked for", async () => {
    const { engine } = await freshEngine();
    const runs = WebAssembly.validate(bundledKernels("relaxed"));
    expect(engine().variant(false)).toBe(runs ? "relaxed" : "strict");
    expect(engine().variant(true)).toBe("strict");
  });
});

describe("configure", () => {
  test("after the start is an error", async () => {
    const { configure, engine } = await freshEngine();
    engine();
    expect(() => configure({})).toThrow("configure must be called before the first model is fitted or used");
  });

  test("names what it does not know", async () => {
    const { configure } = await freshEngine();
    expect(() => configure({ workerURL: "x" } as object)).toThrow(
      'configure: unknown option "workerURL"; did you mean "workerUrl"?',
    );
    expect(() => configure({ wasm: { simd: EMPTY_MODULE } as object })).toThrow(
      'configure: wasm: unknown option "simd"',
    );
    expect(() => configure(undefined as never)).toThrow("configure: options must be an object, got undefined");
  });

  test.each(["bytes", "buffer", "module"] as const)("takes the kernels as %s", async (form) => {
    const { configure, engine } = await freshEngine();
    const bytes = bundledKernels("strict");
    const forms = { bytes, buffer: bytes.buffer, module: new WebAssembly.Module(bytes) };
    configure({ wasm: { strict: forms[form] } });
    const kernels = await engine().prepare("strict");
    const { arena } = engine();
    const ptr = arena.allocate(8);
    arena.float32(ptr, 2).set([1, 2]);
    kernels.scaleValues(0, 2, ptr, 3);
    expect([...arena.float32(ptr, 2)]).toEqual([3, 6]);
    expect(engine().variant(false)).toBe("strict"); // only what was given is used
  });

  test("the same kernels work on the workers", async () => {
    const { configure, engine } = await freshEngine();
    configure({ wasm: { strict: new WebAssembly.Module(bundledKernels("strict")) } });
    const { countingJob, resultsOf, COUNTED } = await import("./jobs.js");
    const job = countingJob(engine(), engine().arena.scope());
    await engine().run(job, { threads: 2 });
    expect(resultsOf(engine(), job)).toEqual(COUNTED);
    engine().pool.terminate();
  });

  test("without the variant that is needed says which", async () => {
    const { configure, engine } = await freshEngine();
    configure({ wasm: { relaxed: bundledKernels("relaxed") } });
    expect(engine().variant(false)).toBe("relaxed");
    const message = "wasm was configured without its strict variant, which this model needs";
    await expect(engine().prepare("strict")).rejects.toThrow(message);
    expect(() => engine().kernels("strict")).toThrow(message);
  });

  test.each([
    ["a module of something else", EMPTY_MODULE, NOT_OURS],
    ["a module that wants other imports", FOREIGN_MODULE, NOT_OURS],
    ["what is no module", new TextEncoder().encode("<!doctype html>"), NO_MODULE],
    ["nothing", new Uint8Array(0), NO_MODULE],
  ])("%s is told, every time", async (_, bytes, message) => {
    const { configure, engine } = await freshEngine();
    configure({ wasm: { strict: bytes } });
    for (let turn = 0; turn < 2; turn++) {
      await expect(engine().prepare("strict")).rejects.toThrow(message);
      expect(() => engine().kernels("strict")).toThrow(message);
    }
  });

  test("a compiled module of something else is told", async () => {
    const { configure, engine } = await freshEngine();
    configure({ wasm: { strict: new WebAssembly.Module(EMPTY_MODULE) } });
    await expect(engine().prepare("strict")).rejects.toThrow(NOT_OURS);
  });

  test.each([
    ["a path", "lowrank.strict.wasm"],
    ["a number", 5],
    ["null", null],
  ])("%s in place of the kernels is told before anything starts", async (_, source) => {
    const { configure } = await freshEngine();
    expect(() => configure({ wasm: { strict: source as never } })).toThrow(
      /^wasm\.strict must be a WebAssembly\.Module or its bytes, got /,
    );
    expect(() => configure({ workerUrl: 7 as never })).toThrow("workerUrl must be a string or a URL, got 7");
  });

  test("a worker script that is not there is told by the first job that wants it", async () => {
    const { configure, engine } = await freshEngine();
    configure({ workerUrl: new URL("file:///nowhere/worker.js") });
    const { COUNTED, countingJob, longJob, resultsOf } = await import("./jobs.js");
    const scope = engine().arena.scope();
    const little = countingJob(engine(), scope);
    await engine().run(little);
    expect(resultsOf(engine(), little)).toEqual(COUNTED);
    const { job } = longJob(engine(), scope, 1000, 20);
    await expect(engine().run(job)).rejects.toThrow(/^worker 0 could not start: /);
  });
});
