import type { Id, IdIndex } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { checkInteger, checkKnownOptions } from "../data/options.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { UNKNOWN_INDEX } from "../engine/kernels.js";
import { type BilinearScores, kernelIndex } from "../ranking/bilinear-scores.js";

/** What every epoch tells `onEpoch`. */
export interface EpochReport {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Root mean squared error over the training data, each error taken before its own update, on the rating scale. */
  trainRmse: number;
  /** RMSE over `validation`; undefined without one. */
  validationRmse: number | undefined;
  /** Whether every epoch before it had a higher validation RMSE; true without validation. */
  isBest: boolean;
  learningRate: number;
  /** Time of the epoch's pass over the training data. */
  seconds: number;
  /** Training ratings visited a second. */
  ratingsPerSecond: number;
}

export interface FitOptions {
  /** Interactions to measure after every epoch; the factors of the best epoch are kept. Unknown ids are allowed. */
  validation?: Interactions;
  /** Stop after this many epochs without a lower validation RMSE; a whole number ≥ 1. Needs `validation`. */
  patience?: number;
  onEpoch?: (report: EpochReport) => void;
  /** Ends the fit early: it rejects with the signal's reason, and the model is as it was before. */
  signal?: AbortSignal;
}

export interface RecommendOptions {
  /** How many at most; a whole number ≥ 1. Default 10. */
  count?: number;
}

export interface Recommendation {
  itemId: Id;
  /** What `predict` gives for this user and item. */
  score: number;
}

/** What every model does. */
export interface Model {
  /** User ids ↔ indices. @throws {Error} before `fit`. */
  readonly users: IdIndex;
  /** Item ids ↔ indices. @throws {Error} before `fit`. */
  readonly items: IdIndex;
  fit(train: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;
  predict(userId: Id, itemId: Id): number;
  predictMany(userIds: ArrayLike<Id>, itemIds: ArrayLike<Id>): Float32Array;
  /** Predictions by index, UNKNOWN_INDEX (2^32 − 1) for one the model has never met. */
  predictIndices(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array;
  /** Whether the model was trained on interactions of both; indices as in `predictIndices`. */
  knows(userIndex: number, itemIndex: number): boolean;
  recommend(userId: Id, options?: RecommendOptions): Recommendation[];
  dispose(): void;
}

/** What a fitted bilinear model holds. */
export interface FittedBilinear {
  scores: BilinearScores;
  users: IdIndex;
  items: IdIndex;
  /** The items of each user, left out of recommendations; a CSR pair of arrays. */
  seen: { offsets: Uint32Array; columns: Uint32Array } | undefined;
  /** How many training interactions each user (row) and item (column) has; undefined: all have some. */
  counts: EntryCounts | undefined;
}

const forgotten = new FinalizationRegistry<() => void>((release) => release());

/**
 * Everything that follows from score = offset + b_u + b_i + p_u·q_i. A user or item that the model has never met has
 * no bias and no factors: its predictions are what is left of that sum, and never NaN.
 */
export abstract class BilinearModel implements Model {
  #fitted: FittedBilinear | undefined;
  #disposed = false;

  abstract fit(train: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;

  get users(): IdIndex {
    return this.fitted().users;
  }

  get items(): IdIndex {
    return this.fitted().items;
  }

  /**
   * The score of one pair, on the scale of the training values and within their range unless `clip` is false.
   * @throws {Error} before `fit` and after `dispose`.
   */
  predict(userId: Id, itemId: Id): number {
    return this.predictMany([userId], [itemId])[0]!;
  }

  /** `predict` for each pair (userIds[t], itemIds[t]). @throws {RangeError} if the lengths differ. */
  predictMany(userIds: ArrayLike<Id>, itemIds: ArrayLike<Id>): Float32Array {
    const { users, items } = this.fitted();
    return this.predictIndices(
      Uint32Array.from(userIds, (id) => kernelIndex(users.indexOf(id))),
      Uint32Array.from(itemIds, (id) => kernelIndex(items.indexOf(id))),
    );
  }

  predictIndices(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array {
    if (userIndices.length !== itemIndices.length) {
      const lengths = `${userIndices.length} users and ${itemIndices.length} items`;
      throw new RangeError(`users and items must be equally many, got ${lengths}`);
    }
    const { scores, users, items } = this.fitted();
    checkIndices("userIndices", userIndices, users.size);
    checkIndices("itemIndices", itemIndices, items.size);
    return scores.scorePairs(userIndices, itemIndices);
  }

  knows(userIndex: number, itemIndex: number): boolean {
    const { counts, users, items } = this.fitted();
    if (!(userIndex < users.size && itemIndex < items.size)) return false;
    return !counts || (counts.rows[userIndex]! > 0 && counts.columns[itemIndex]! > 0);
  }

  /**
   * The best items for a user, best first, those of the user's training interactions left out; ties by item index.
   * Never more than `count`, fewer if there are no more. For an unknown user: the items with the highest bias.
   * @throws {RangeError} if count is not a whole number ≥ 1; {Error} before `fit` and after `dispose`.
   */
  recommend(userId: Id, options: RecommendOptions = {}): Recommendation[] {
    const { scores, users, items, seen } = this.fitted();
    checkKnownOptions("recommend", options, ["count"]);
    const { count = 10 } = options;
    checkInteger("count", count, 1);
    const userIndex = users.indexOf(userId);
    const excluded =
      seen && userIndex >= 0 ? seen.columns.subarray(seen.offsets[userIndex], seen.offsets[userIndex + 1]) : [];
    const top = scores.topItems(kernelIndex(userIndex), count, excluded);
    return Array.from(top.itemIndices, (itemIndex, rank) => ({
      itemId: items.idAt(itemIndex),
      score: top.scores[rank]!,
    }));
  }

  /** Gives the model's memory back; any later use of the model is an error. Doing it twice is none. */
  dispose(): void {
    this.#release();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What `fit` left. @throws {Error} before it and after `dispose`. */
  protected fitted(): FittedBilinear {
    if (this.#fitted) return this.#fitted;
    throw new Error(this.#disposed ? "the model has been disposed" : "the model has not been fitted; call fit first");
  }

  /** Takes the result of a fit, in place of that of an earlier one. */
  protected adopt(fitted: FittedBilinear): void {
    this.#release();
    this.#fitted = fitted;
    forgotten.register(fitted.scores, fitted.scores.release, fitted.scores); // its matrices may outlive the model
  }

  /** @throws {Error} after `dispose`. */
  protected checkUsable(): void {
    if (this.#disposed) throw new Error("the model has been disposed");
  }

  #release(): void {
    if (!this.#fitted) return;
    const { scores } = this.#fitted;
    this.#fitted = undefined;
    forgotten.unregister(scores);
    scores.dispose();
  }
}

/** @throws {RangeError} for an index that is neither of the model nor UNKNOWN_INDEX: the kernels would read anything. */
function checkIndices(name: string, indices: Uint32Array, size: number): void {
  for (let t = 0; t < indices.length; t++) {
    const index = indices[t]!;
    if ((index >= 0 && index < size) || index === UNKNOWN_INDEX) continue;
    throw new RangeError(
      `${name}[${t}] must be a whole number in [0, ${size}), or 2^32 − 1 for an unknown one, got ${index}`,
    );
  }
}
