import type { Id } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { strideOf } from "../engine/matrix.js";
import { type BilinearParts, BilinearScores } from "../ranking/bilinear-scores.js";
import type { FoldedRow } from "../ranking/factor-table.js";
import { computeGram } from "../ranking/gram.js";
import { RatingEquations, type RowEquations } from "../ranking/row-equations.js";
import { explainRow, type RowSolver, solveRow } from "../ranking/row-solver.js";
import type { Side } from "../ranking/scores.js";
import { LARGEST_VALUE, type ModelFile } from "../storage/model-file.js";
import { type ModelTarget, modelFileBytes, writeModelFile } from "../storage/model-sink.js";
import type { FoldedUser } from "./folded.js";
import type { Contribution, Explanation, FitOptions, SaveOptions } from "./model.js";
import { encodeBilinear, restoreBilinear } from "./model-parts.js";
import { checkFit } from "./options.js";
import { growModel } from "./partial-fit.js";
import type { Fitted } from "./queries.js";
import { describeUnknown } from "./query-options.js";
import { RankingModel } from "./ranking-model.js";
import type { TrainingContext } from "./rating-training.js";

/** What a fitted bilinear model holds. */
export interface FittedBilinear extends Fitted<FoldedRow> {
  readonly scores: BilinearScores;
  /** What a row is solved from when it is solved for alone. */
  readonly equations: RowEquations;
}

/**
 * Everything that follows from score = offset + b_u + b_i + p_u·q_i. One row, with the other side fixed, is the exact
 * solution of its equations: so are users and items folded in, rows that a partial fit touches, and explanations.
 */
export abstract class BilinearModel extends RankingModel<FoldedRow, FittedBilinear> {
  /** The class as model files name it. */
  protected abstract readonly modelName: string;
  abstract readonly options: Readonly<object>;
  #grams: { readonly of: FittedBilinear; readonly sides: Map<Side, Float32Array> } | undefined;

  /**
   * Learns from more interactions without starting over: new users and items, and the old ones that have something new,
   * are solved exactly from all their interactions; everything else keeps its bits. A pair that was there takes its new
   * value. Cheaper than `fit`, not better: fit anew now and then.
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
      const next = await growModel(engine(), state, more, { threads, signal: options.signal });
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
   * What each of the user's interactions adds to the score of an item (after Hu, Koren, Volinsky 2008, section 5): a row
   * that is solved exactly is linear in its values, p_u = A⁻¹ Σ z q, so the score is a sum over them.
   * @param user an id, or the result of `foldIn`
   * @throws {RangeError} for an unknown id; {Error} before `fit`, or for an id where training interactions were not kept.
   */
  explain(user: Id | FoldedUser, item: Id): Explanation {
    const state = this.fitted();
    const { scores, items } = state;
    const { row, folded } = this.queries.resolve("users", user, "error");
    const itemIndex = items.indexOf(item);
    if (itemIndex < 0) throw new RangeError(`itemId ${describeUnknown(item, items)}`);
    const { columns, values } = folded ? folded.entries : entriesOf(state, row as number);
    const solver = this.#solver("users");
    const nothing = columns.length === 0 ? new Float64Array(0) : undefined; // has no equations to solve
    const shares =
      nothing ?? explainRow(solver, { columns, values }, itemIndex) ?? rejectUnsolvable("explain", columns.length);
    const contributions = Array.from(columns, (column, at): Contribution => {
      return { itemId: items.idAt(column), value: values[at]!, contribution: shares[at]! };
    }).sort((a, b) => b.contribution - a.contribution);
    const score = scores.rawScore(row, itemIndex);
    const base = scores.offset + scores.itemBias[itemIndex]!;
    const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
    return { score, base, contributions, remainder: score - sum };
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
      await writeModelFile(target, encodeBilinear(this.modelName, this.options, state, rest), signal ? { signal } : {});
    } finally {
      release();
    }
  }

  /** The bytes that `save` would write. @throws as `save`. */
  toBytes(options: SaveOptions = {}): Uint8Array {
    return modelFileBytes(encodeBilinear(this.modelName, this.options, this.fitted(), options));
  }

  /** @internal Takes the state of a file's model. */
  async restore(file: ModelFile, parts: { users: boolean }): Promise<void> {
    const { reproducible = true } = this.options as { reproducible?: boolean };
    const equations = (parameter: (name: string) => number): RowEquations => this.equationsFrom(parameter);
    this.adopt(await restoreBilinear(file, engine(), engine().variant(reproducible), { ...parts, equations }));
  }

  /** The equations that a model file names. @param parameter a number ≥ 0 by its name. */
  protected equationsFrom(parameter: (name: string) => number): RowEquations {
    return new RatingEquations({
      perEntry: parameter("ridge_per_entry"),
      damping: parameter("ridge_damping"),
      biasPerEntry: parameter("ridge_bias_per_entry"),
      biasDamping: parameter("ridge_bias_damping"),
      biases: parameter("ridge_biases") !== 0,
      nonNegative: parameter("ridge_non_negative") !== 0,
    });
  }

  /**
   * The frame of every fit: makes scores, all zero, lets `work` fill them, and takes them with the equations that it gives;
   * when it throws, the model is as it was.
   */
  protected async learn(
    train: Interactions,
    counts: EntryCounts,
    parts: Pick<BilinearParts, "factors" | "offset" | "range">,
    signal: AbortSignal | undefined,
    work: (context: TrainingContext, scores: BilinearScores) => Promise<RowEquations>,
  ): Promise<void> {
    const { threads = 0, reproducible = false } = this.options as { threads?: number; reproducible?: boolean };
    const host = engine();
    const variant = host.variant(reproducible);
    await host.prepare(variant);
    const { numUsers, numItems, users, items, matrix: seen } = train;
    const scores = new BilinearScores(host, variant, { numUsers, numItems, ...parts });
    const scope = host.arena.scope();
    try {
      const equations = await work({ engine: host, variant, scope, run: { threads, signal } }, scores);
      this.checkUsable();
      this.adopt({ scores, users, items, seen, counts, equations });
    } catch (error) {
      scores.dispose();
      throw error;
    } finally {
      scope.release();
    }
  }

  protected foldRow(side: Side, columns: Uint32Array, values: Float32Array): FoldedRow {
    const { scores } = this.fitted();
    const zero = { factors: new Float32Array(strideOf(scores.userFactors.columns)), bias: 0 };
    if (columns.length === 0) return zero;
    const where = side === "users" ? "foldIn" : "foldInItem";
    const solved = solveRow(this.#solver(side), { columns, values });
    const isSound = solved?.factors.every((factor) => Math.abs(factor) <= LARGEST_VALUE); // else scores may be NaN
    return solved && isSound ? solved : rejectUnsolvable(where, columns.length);
  }

  #solver(side: Side): RowSolver {
    const { scores, equations } = this.fitted();
    const other = side === "users" ? "items" : "users";
    const kernels = engine().kernels(scores.variant);
    const solver = { arena: engine().arena, kernels, fixed: scores.table(other), offset: scores.offset, equations };
    return equations.unobservedWeight === undefined ? solver : { ...solver, gram: this.#gram(other) };
  }

  /** The Gram matrix of a side times the weight that every pair has; computed when it is first asked for. */
  #gram(side: Side): Float32Array {
    const state = this.fitted();
    if (this.#grams?.of !== state) this.#grams = { of: state, sides: new Map() };
    const { sides } = this.#grams;
    const { scores, equations } = state;
    const weight = equations.unobservedWeight!;
    const gram =
      sides.get(side) ?? computeGram(engine().arena, engine().kernels(scores.variant), scores.table(side), weight);
    sides.set(side, gram);
    return gram;
  }
}

function entriesOf({ seen }: FittedBilinear, row: number): { columns: Uint32Array; values: Float32Array } {
  if (!seen)
    throw new Error("the model has no training interactions to explain by; use foldIn with the user's history");
  const [begin, end] = [seen.offsets[row], seen.offsets[row + 1]];
  return { columns: seen.columns.subarray(begin, end), values: seen.values.subarray(begin, end) };
}

function rejectUnsolvable(where: string, size: number): never {
  throw new Error(
    `${where}: a history of ${size} has no solution in single precision; fit with more regularization or damping, or ` +
      "bring the values nearer to 1",
  );
}
