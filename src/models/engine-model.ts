import type { Interactions } from "../data/interactions.js";
import { engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { KernelFamily } from "../engine/kernel-family.js";
import { CORE_KERNELS, type Variant } from "../engine/kernels.js";
import { type BilinearParts, BilinearScores } from "../ranking/bilinear-scores.js";
import type { FoldedRow } from "../ranking/factor-table.js";
import type { ModelFile } from "../storage/model-file.js";
import { type ModelTarget, modelFileBytes, writeModelFile } from "../storage/model-sink.js";
import type { TensorFile } from "../storage/safetensors.js";
import type { FitOptions, SaveOptions } from "./model.js";
import { checkFit } from "./options.js";
import { type Growth, growModel } from "./partial-fit.js";
import type { Fitted } from "./queries.js";
import { RankingModel } from "./ranking-model.js";
import type { TrainingContext } from "./rating-training.js";

/** What every fitted model has whose scores lie in the engine's memory. */
export interface FittedScores extends Fitted<FoldedRow> {
  readonly scores: BilinearScores;
}

/**
 * A model in the engine's memory and in files: the frames of `fit` and `partialFit`, which leave the model as it was when
 * they fail, and of `save` and `load`.
 * @typeParam Rest what a fitted model holds beside `FittedScores`; memory in it is allocated from the scores, and goes with
 * them
 */
export abstract class EngineModel<Rest extends object> extends RankingModel<FoldedRow, FittedScores & Rest> {
  /** The class as model files name it. */
  protected abstract readonly modelName: string;
  abstract readonly options: Readonly<object>;
  /** Whose kernels `fit` needs beside the core's: loaded before it starts, so that it cannot fail for them half-way. */
  protected readonly families: readonly KernelFamily[] = [];

  /** Learns what a partial fit brings, into the grown scores. @returns the rest of the next state */
  protected abstract grow(growth: Growth<FittedScores & Rest>): Promise<Rest>;

  /** The file of a state. @throws {TypeError | RangeError} for a bad option, or a number that a file cannot hold. */
  protected abstract encode(state: FittedScores & Rest, options: SaveOptions): TensorFile;

  /** The state in a file. @param parts whether users are read @throws {Error} that refuses the file. */
  protected abstract decode(file: ModelFile, variant: Variant, parts: { users: boolean }): Promise<FittedScores & Rest>;

  /**
   * Learns from more interactions without starting over: new users and items, and the old ones that have something new,
   * are worked out from all their interactions, by bilinear models exactly; everything else keeps its bits. A pair that was
   * there takes its new value. Cheaper than `fit`, not better: fit anew now and then.
   * @throws {TypeError | RangeError} for bad arguments, before work starts; {Error} if the model has no training
   * interactions (`fromFactors`, or saved without), or was fitted meanwhile; the signal's reason. The model is then as it was.
   */
  async partialFit(more: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    const state = this.fitted();
    checkFit(more, options, ["signal"], "partialFit", "more");
    options.signal?.throwIfAborted();
    const { threads = 0 } = this.options as { threads?: number };
    const release = state.scores.hold();
    try {
      const run = { threads, signal: options.signal };
      const next = await growModel(engine(), state, more, run, (growth) => this.grow(growth));
      try {
        if (this.fitted() !== state) throw new Error("the model was fitted while partialFit was at work");
      } catch (error) {
        next.scores.dispose();
        throw error;
      }
      this.adopt(next);
      return this;
    } finally {
      release();
    }
  }

  /**
   * Writes the model to a file, whole or not at all, or to a stream: safetensors, which Python and Rust read too. `load`
   * makes it a model again.
   * @throws {TypeError | RangeError} for a bad option, or a factor that float16 cannot hold; {Error} that names the path.
   *
   * @example
   * await model.save("movies.safetensors");
   * const again = await load("movies.safetensors");
   */
  async save(target: ModelTarget, options: SaveOptions & { signal?: AbortSignal } = {}): Promise<void> {
    const { signal, ...rest } = options;
    const state = this.fitted();
    const release = state.scores.hold();
    try {
      await writeModelFile(target, this.encode(state, rest), signal ? { signal } : {});
    } finally {
      release();
    }
  }

  /** The bytes that `save` would write. @throws as `save`. */
  toBytes(options: SaveOptions = {}): Uint8Array {
    return modelFileBytes(this.encode(this.fitted(), options));
  }

  /** @internal Takes the state of a file's model. */
  async restore(file: ModelFile, parts: { users: boolean }): Promise<void> {
    const { reproducible = true } = this.options as { reproducible?: boolean };
    this.adopt(await this.decode(file, engine().variant(reproducible), parts));
  }

  /**
   * The frame of every fit: makes scores, all zero, lets `work` fill them, and takes them with the rest of the state that it
   * gives; when it throws, the model is as it was.
   */
  protected async learn(
    train: Interactions,
    counts: EntryCounts,
    parts: Omit<BilinearParts, "numUsers" | "numItems">,
    signal: AbortSignal | undefined,
    work: (context: TrainingContext, scores: BilinearScores) => Promise<Rest>,
  ): Promise<void> {
    const { threads = 0, reproducible = false } = this.options as { threads?: number; reproducible?: boolean };
    const host = engine();
    const variant = host.variant(reproducible);
    await Promise.all([CORE_KERNELS, ...this.families].map((family) => host.prepare(variant, family)));
    const { numUsers, numItems, users, items, matrix: seen } = train;
    const scores = new BilinearScores(host, variant, { numUsers, numItems, ...parts });
    const scope = host.arena.scope();
    try {
      const rest = await work({ engine: host, variant, scope, run: { threads, signal } }, scores);
      this.checkUsable();
      this.adopt({ scores, users, items, seen, counts, ...rest });
    } catch (error) {
      scores.dispose();
      throw error;
    } finally {
      scope.release();
    }
  }
}
