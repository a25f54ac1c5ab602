/** Epochs of AutoRec's own training, pass by pass: by an engine that times each of its jobs. */
import type { Scope } from "../../src/engine/arena.js";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { type Engine, engine } from "../../src/engine/engine.js";
import type { Job } from "../../src/engine/job.js";
import { strideOf } from "../../src/engine/matrix.js";
import { type JobContext, runRanges } from "../../src/engine/run-ranges.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { Encoder } from "../../src/models/autorec-encoder.js";
import { AutoRecTraining } from "../../src/models/autorec-training.js";
import type { AutoRecSetup } from "./autorec-setup.js";
import type { SUMS_OF } from "./autorec-speed.js";

export type Pass = keyof typeof SUMS_OF;

/** Called when a batch is about to be learned from: its errors are there. */
export type BeforeLearning = (networkPtr: number, batchPtr: number, numTiles: number) => void;

interface Options {
  readonly threads: number;
  readonly reproducible: boolean;
  readonly beforeLearning?: BeforeLearning;
}

export class AutoRecPasses {
  readonly #setup: AutoRecSetup;
  readonly #scope: Scope;
  readonly #times: Map<string, number>;
  #training: AutoRecTraining | undefined;

  private constructor(setup: AutoRecSetup, scope: Scope, times: Map<string, number>) {
    this.#setup = setup;
    this.#scope = scope;
    this.#times = times;
  }

  /** A training of its own, ready for its first epoch. */
  static async open(setup: AutoRecSetup, { threads, reproducible, beforeLearning }: Options): Promise<AutoRecPasses> {
    const host = engine();
    const variant = host.variant(reproducible);
    await Promise.all([host.prepare(variant), host.prepare(variant, AUTOREC_KERNELS)]);
    const scope = host.arena.scope();
    const times = new Map<string, number>();
    const passes = new AutoRecPasses(setup, scope, times);
    const context: JobContext = { engine: host, variant, run: { threads } };
    const timed = timedEngine(context, times, beforeLearning);
    passes.#training = await train(setup, { ...context, engine: timed, scope });
    return passes;
  }

  /** One epoch, from 1. @returns its training RMSE, and the ms of each pass */
  async runEpoch(epoch: number, learningRate: number): Promise<{ rmse: number; ms: Readonly<Record<Pass, number>> }> {
    this.#times.clear();
    const squares = await this.#training!.runEpoch(epoch, learningRate);
    const ms = (pass: Pass): number => this.#times.get(pass) ?? 0;
    return {
      rmse: this.#setup.scale * Math.sqrt(squares / this.#setup.interactions.size),
      ms: { encodeTiles: ms("encodeTiles"), decodeRows: ms("decodeRows"), learnTiles: ms("learnTiles") },
    };
  }

  dispose(): void {
    this.#scope.release();
  }
}

async function train(
  { data, options, settings }: AutoRecSetup,
  context: JobContext & { scope: Scope },
): Promise<AutoRecTraining> {
  const { variant, scope } = context;
  const { hidden, activation } = options;
  const numInputs = data.inputCounts.length;
  const stride = strideOf(hidden);
  const factorsPtr = scope.allocate(numInputs * stride * 4);
  const table = { factorsPtr, biasPtr: 0, rows: numInputs, stride };
  const encoder = new Encoder(engine(), variant, scope, { numInputs, hidden, activation });
  const training = await AutoRecTraining.prepare(context, settings, encoder, data, table, new TimeSlice());
  scope.free(factorsPtr);
  return training;
}

/**
 * The engine, but that jobs leave their times under their kernels' names. Learning from one batch and encoding the next,
 * one job in training, are two here: so each has its time, and the numbers are the same.
 */
function timedEngine(context: JobContext, times: Map<string, number>, beforeLearning?: BeforeLearning): Engine {
  const { engine: host, run } = context;
  const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const begin = performance.now();
    await work();
    times.set(name, (times.get(name) ?? 0) + performance.now() - begin);
  };
  const runJob = async (job: Job): Promise<void> => {
    const [network, batch, next] = job.sharedArguments;
    if (job.kernel !== "learnTiles") return timed(job.kernel, () => host.run(job, run));
    beforeLearning?.(network!, batch!, job.numChunks);
    await timed(job.kernel, () => host.run({ ...job, sharedArguments: [network!, batch!, 0] }, run));
    if (!next) return;
    const own = { ...context, family: AUTOREC_KERNELS };
    await timed("encodeTiles", () => runRanges(own, "encodeTiles", chunksOf(host, job), [network!, next]));
  };
  return new Proxy(host, {
    get(target, name) {
      if (name === "run") return runJob;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The arguments of each of a job's chunks. */
function chunksOf({ arena }: Engine, { chunkArgumentsPtr, argumentsPerChunk, numChunks }: Job): number[][] {
  const all = arena.float64(chunkArgumentsPtr, numChunks * argumentsPerChunk);
  return Array.from({ length: numChunks }, (_, chunk) => [
    ...all.subarray(chunk * argumentsPerChunk, (chunk + 1) * argumentsPerChunk),
  ]);
}
