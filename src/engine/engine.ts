import { checkKnownOptions, reject } from "../data/options.js";
import { Arena } from "./arena.js";
import type { Job } from "./job.js";
import {
  type AnyKernels,
  bindKernels,
  bundledKernels,
  type KernelFamily,
  loadKernels,
  moduleName,
} from "./kernel-family.js";
import { CORE_KERNELS, type Kernels, type Variant } from "./kernels.js";
import { Pool, type RunOptions } from "./pool.js";

/** Where the engine takes its code from, for hosts that forbid compiling or Blob workers. */
export interface EngineOptions {
  /**
   * The kernels, compiled or as bytes (`lowrank/lowrank.strict.wasm`, `lowrank/lowrank.relaxed.wasm`), for runtimes that
   * do not compile from bytes or to leave the built-in copies unused. Only the variants given are used, for every model.
   */
  wasm?: Partial<Record<Variant, WebAssembly.Module | BufferSource>>;
  /** The worker script (`lowrank/worker`), for pages whose content security policy forbids Blob workers. */
  workerUrl?: string | URL;
}

const VARIANTS = ["strict", "relaxed"] as const;
const PAGE_BYTES = 65536;
const MAXIMUM_PAGES = 65536; // 4 GiB, all that 32-bit addresses reach

/** The memory, shared so that workers can be given it; with a lower limit where the host refuses 4 GiB of addresses. */
function createMemory(): { memory: WebAssembly.Memory; maximumBytes: number } {
  for (let maximum = MAXIMUM_PAGES; ; maximum /= 2) {
    try {
      const memory = new WebAssembly.Memory({ initial: 16, maximum, shared: true });
      return { memory, maximumBytes: maximum * PAGE_BYTES };
    } catch (error) {
      if (!(error instanceof RangeError) || maximum <= 1024) throw error;
    }
  }
}

/** The class of a value, also of one from another realm, of which `instanceof` knows nothing. */
const classOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const isModule = (source: unknown): source is WebAssembly.Module => classOf(source) === "WebAssembly.Module";
const isBytes = (source: unknown): boolean => ArrayBuffer.isView(source) || classOf(source) === "ArrayBuffer";

/** One memory, the kernels bound to it, and the threads that share it. There is one engine in a process. */
export class Engine {
  readonly arena: Arena;
  readonly pool: Pool;
  readonly #given: EngineOptions;
  /** By source: see `#sourceOf`. */
  readonly #modules: Record<string, WebAssembly.Module> = {};
  readonly #compiling: Record<string, Promise<WebAssembly.Module>> = {};
  /** By `moduleName`. */
  readonly #kernels: Record<string, AnyKernels> = {};
  #relaxed: boolean | undefined;

  /** @param patience milliseconds that jobs run on the caller's thread before others are started; 0 to start them at once */
  constructor(options: EngineOptions = {}, patience = 0) {
    this.#given = options;
    for (const variant of VARIANTS) {
      const source = options.wasm?.[variant];
      if (isModule(source)) this.#modules[variant] = source;
    }
    const { memory, maximumBytes } = createMemory();
    this.arena = new Arena(memory, maximumBytes);
    this.pool = new Pool({
      arena: this.arena,
      workerUrl: options.workerUrl,
      patience,
      module: (variant, family) => this.#compile(variant, family),
      kernels: (variant, family = CORE_KERNELS) => this.kernels(variant, family),
    });
  }

  /** The variant for a model: strict if its bits must not depend on the engine, else the fastest that runs here. */
  variant(reproducible: boolean): Variant {
    return !reproducible && this.#canRelax() ? "relaxed" : "strict";
  }

  /**
   * The kernels of a family, the core if none is named, on the caller's thread. Those of the core are compiled at the first
   * call if need be, others must have been prepared.
   */
  kernels(variant: Variant): Kernels;
  kernels<Exports extends AnyKernels>(variant: Variant, family: KernelFamily<Exports>): Exports;
  kernels(variant: Variant, family: KernelFamily = CORE_KERNELS): AnyKernels {
    const name = moduleName(variant, family);
    this.#kernels[name] ??= bindKernels(this.#compileNow(variant, family), this.arena.memory, family);
    return this.#kernels[name];
  }

  /** `kernels`, loaded and compiled without holding up the caller's thread. */
  prepare(variant: Variant): Promise<Kernels>;
  prepare<Exports extends AnyKernels>(variant: Variant, family: KernelFamily<Exports>): Promise<Exports>;
  async prepare(variant: Variant, family: KernelFamily = CORE_KERNELS): Promise<AnyKernels> {
    await this.#compile(variant, family);
    return this.kernels(variant, family);
  }

  /** Runs a job on the pool; see `Pool.run`. */
  run(job: Job, options?: RunOptions): Promise<void> {
    return this.pool.run(job, options);
  }

  /** What a module is compiled from: one given for a variant holds every family, built-in ones hold one each. */
  #sourceOf(variant: Variant, family: KernelFamily | undefined): string {
    return this.#given.wasm ? variant : moduleName(variant, family);
  }

  #compileNow(variant: Variant, family: KernelFamily): WebAssembly.Module {
    const source = this.#sourceOf(variant, family);
    try {
      this.#modules[source] ??= new WebAssembly.Module(
        this.#given.wasm ? this.#givenBytes(variant) : bundledKernels(variant, family),
      );
      return this.#modules[source];
    } catch (error) {
      throw explained(error, variant, this.#given);
    }
  }

  async #compile(variant: Variant, family: KernelFamily | undefined): Promise<WebAssembly.Module> {
    const source = this.#sourceOf(variant, family);
    const compiled = this.#modules[source];
    if (compiled) return compiled;
    this.#compiling[source] ??= this.#bytes(variant, family).then((bytes) => WebAssembly.compile(bytes));
    try {
      const module = await this.#compiling[source];
      this.#modules[source] ??= module;
      return this.#modules[source];
    } catch (error) {
      delete this.#compiling[source]; // a text that could not be loaded may be there the next time
      throw explained(error, variant, this.#given);
    }
  }

  #canRelax(): boolean {
    this.#relaxed ??= this.#given.wasm
      ? this.#given.wasm.relaxed !== undefined
      : WebAssembly.validate(bundledKernels("relaxed"));
    return this.#relaxed;
  }

  /** The bytes to compile; nothing is loaded where modules were given. */
  async #bytes(variant: Variant, family: KernelFamily | undefined): Promise<BufferSource> {
    return this.#given.wasm ? this.#givenBytes(variant) : loadKernels(variant, family);
  }

  /** Modules that were given compiled have been taken in the constructor. */
  #givenBytes(variant: Variant): BufferSource {
    const source = this.#given.wasm![variant];
    if (source === undefined) {
      throw new Error(`wasm was configured without its ${variant} variant, which this model needs`);
    }
    return source as BufferSource;
  }
}

/** An error of compiling, with what to do about it where the cause is known. */
function explained(error: unknown, variant: Variant, { wasm }: EngineOptions): unknown {
  if (!(error instanceof Error)) return error;
  if (/content security|unsafe-eval/i.test(error.message)) {
    const message = "the content security policy forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src";
    return new Error(message, { cause: error });
  }
  if (!wasm || !(error instanceof WebAssembly.CompileError)) return error;
  return new Error(`the bytes given as wasm.${variant} do not compile: ${error.message}`, { cause: error });
}

let configured: EngineOptions = {};
let running: Engine | undefined;

/**
 * Says where the engine takes its code from. Call it before the first model is fitted or used.
 * @throws {TypeError} for an unknown option or one of the wrong type; {Error} if the engine has already started.
 */
export function configure(options: EngineOptions): void {
  checkKnownOptions("configure", options, ["wasm", "workerUrl"]);
  const { wasm, workerUrl } = options;
  if (wasm !== undefined) {
    checkKnownOptions("configure: wasm", wasm, VARIANTS);
    for (const variant of VARIANTS) {
      const source: unknown = wasm[variant];
      if (source === undefined || isModule(source) || isBytes(source)) continue;
      reject(`wasm.${variant}`, "a WebAssembly.Module or its bytes", source, "none");
    }
  }
  if (workerUrl !== undefined && typeof workerUrl !== "string" && classOf(workerUrl) !== "URL") {
    reject("workerUrl", "a string or a URL", workerUrl, "none");
  }
  if (running) throw new Error("configure must be called before the first model is fitted or used");
  configured = { ...options };
}

/** About what it takes to start threads, in milliseconds. */
const PATIENCE = 50;

/** The process's engine, started at the first call. */
export function engine(): Engine {
  running ??= new Engine(configured, PATIENCE);
  return running;
}
