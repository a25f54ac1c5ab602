import type { Id, IdIndex } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { checkKnownOptions } from "../data/options.js";
import { forgetNoMore, whenForgotten } from "../engine/forgotten.js";
import { UNKNOWN_INDEX } from "../engine/kernels.js";
import type { Ranked, Side } from "../ranking/scores.js";
import type { ModelTarget } from "../storage/model-sink.js";
import { FoldedItem, FoldedUser, type HistoryOfItem, type HistoryOfUser, readHistory } from "./folded.js";
import type {
  FitOptions,
  ItemRankings,
  Model,
  Recommendation,
  SaveOptions,
  UserRankings,
  UserRecommendation,
} from "./model.js";
import { checkQueryName, columnsOf, type Fitted, Queries, type QueryName } from "./queries.js";
import {
  checkUnknown,
  type FoldInOptions,
  type PredictOptions,
  type RecommendAllOptions,
  type RecommendOptions,
  type RecommendUsersAllOptions,
  type SimilarItemsAllOptions,
  type SimilarOptions,
  type SimilarUsersAllOptions,
} from "./query-options.js";
import { itemRankings, joined, mapped, userRankings } from "./rankings.js";

/**
 * Queries in every direction, over anything that gives `Scores`. A user or item without training interactions, or one
 * that the model has never met, is answered by what is left without it, and never with NaN: `predict` by the mean and the
 * other one's bias, `recommend` by the biases of the items or, where there are none, by their popularity; it is similar
 * to nobody.
 */
export abstract class RankingModel<Folded, State extends Fitted<Folded> = Fitted<Folded>> implements Model {
  #fitted: { state: State; queries: Queries<Folded> } | undefined;
  #disposed = false;

  abstract fit(train: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;
  abstract partialFit(more: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;
  abstract save(target: ModelTarget, options?: SaveOptions & { signal?: AbortSignal }): Promise<void>;
  abstract toBytes(options?: SaveOptions): Uint8Array;

  /** What the model makes of a history: a row of `side` from columns of the other side and their values. */
  protected abstract foldRow(side: Side, columns: Uint32Array, values: Float32Array): Folded;

  get users(): IdIndex {
    return this.fitted().users;
  }

  get items(): IdIndex {
    return this.fitted().items;
  }

  /**
   * The score of one pair, on the scale of the training values and within their range unless `clip` is false.
   * @param user an id, or the result of `foldIn`
   * @param item an id, or the result of `foldInItem`
   * @throws {Error} before `fit` and after `dispose`; {RangeError} for an unknown id if `unknown` is "error".
   */
  predict(user: Id | FoldedUser, item: Id | FoldedItem, options: PredictOptions = {}): number {
    const { scores } = this.fitted();
    checkKnownOptions("predict", options, ["unknown"]);
    const unknown = checkUnknown(options.unknown, "fallback");
    const { row } = this.queries.resolve("users", user, unknown);
    return scores.scorePair(row, this.queries.resolve("items", item, unknown).row);
  }

  /** `predict` for each pair (users[t], items[t]). @throws {RangeError} if the lengths differ; else as `predict`. */
  predictMany(users: ArrayLike<Id | FoldedUser>, items: ArrayLike<Id | FoldedItem>): Float32Array {
    const { scores } = this.fitted();
    checkEqual(users.length, items.length);
    const userRows = this.queries.resolveAll("users", users);
    const itemRows = this.queries.resolveAll("items", items);
    if (userRows instanceof Uint32Array && itemRows instanceof Uint32Array)
      return scores.scorePairs(userRows, itemRows);
    return Float32Array.from(userRows, (user, t) => scores.scorePair(user, itemRows[t]!));
  }

  predictIndices(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array {
    checkEqual(userIndices.length, itemIndices.length);
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
   * The best items for a user, best first, those of the user's training interactions (or folded history) left out; ties
   * by item index. Never more than `count`, fewer if there are no more. Items are ranked by their score before it is
   * clipped, so that those beyond the range keep their order.
   * @throws {TypeError | RangeError} that names a bad option; {Error} before `fit` and after `dispose`.
   */
  recommend(user: Id | FoldedUser, options: RecommendOptions = {}): Recommendation[] {
    return this.#itemsOf(this.queries.rank("recommend", user, options));
  }

  /** The users with the highest score for an item, those who already have it left out; else as `recommend`. */
  recommendUsers(item: Id | FoldedItem, options: RecommendOptions = {}): UserRecommendation[] {
    return this.#usersOf(this.queries.rank("recommendUsers", item, options));
  }

  /**
   * The items whose factors are most like those of an item, itself left out; ties by index. An item without training
   * interactions is like nothing. @throws as `recommend`.
   */
  similarItems(item: Id | FoldedItem, options: SimilarOptions = {}): Recommendation[] {
    return this.#itemsOf(this.queries.rank("similarItems", item, options));
  }

  /** The users whose factors are most like those of a user; else as `similarItems`. */
  similarUsers(user: Id | FoldedUser, options: SimilarOptions = {}): UserRecommendation[] {
    return this.#usersOf(this.queries.rank("similarUsers", user, options));
  }

  /** `recommend` for all users, or those asked for, on the pool: what `recommend` gives each, as typed arrays. */
  async recommendAll(options: RecommendAllOptions = {}): Promise<ItemRankings> {
    return itemRankings(await joined(this.queries.batches("recommend", "recommendAll", options)));
  }

  /** `recommendUsers` for all items, or those asked for, on the pool. */
  async recommendUsersAll(options: RecommendUsersAllOptions = {}): Promise<UserRankings> {
    return userRankings(await joined(this.queries.batches("recommendUsers", "recommendUsersAll", options)));
  }

  /** `similarItems` for all items, or those asked for, on the pool. */
  async similarItemsAll(options: SimilarItemsAllOptions = {}): Promise<ItemRankings> {
    return itemRankings(await joined(this.queries.batches("similarItems", "similarItemsAll", options)));
  }

  /** `similarUsers` for all users, or those asked for, on the pool. */
  async similarUsersAll(options: SimilarUsersAllOptions = {}): Promise<UserRankings> {
    return userRankings(await joined(this.queries.batches("similarUsers", "similarUsersAll", options)));
  }

  /**
   * What `recommendAll`, `recommendUsersAll`, `similarItemsAll` or `similarUsersAll` gives, some thousands of lists at a
   * time, for results larger than memory. The loop may be left early.
   *
   * @example
   * for await (const { queryIndices, itemIndices, counts, width } of model.inBatches("recommend")) {
   *   // write them somewhere
   * }
   */
  inBatches(query: "recommend", options?: RecommendAllOptions): AsyncGenerator<ItemRankings, void, void>;
  inBatches(query: "recommendUsers", options?: RecommendUsersAllOptions): AsyncGenerator<UserRankings, void, void>;
  inBatches(query: "similarItems", options?: SimilarItemsAllOptions): AsyncGenerator<ItemRankings, void, void>;
  inBatches(query: "similarUsers", options?: SimilarUsersAllOptions): AsyncGenerator<UserRankings, void, void>;
  inBatches(query: QueryName, options: object = {}): AsyncGenerator<ItemRankings | UserRankings, void, void> {
    const { queries } = this;
    const batches = queries.batches(checkQueryName(query), "inBatches", options);
    const checkSame = (): void => {
      if (this.queries !== queries) throw new Error("the model was fitted after inBatches was called; call it anew");
    };
    const wrap = columnsOf(query) === "items" ? itemRankings : userRankings;
    return mapped<ItemRankings | UserRankings>(batches, wrap, checkSame);
  }

  /**
   * A user the model was not trained on, or one who has changed, from what they did; the model stays as it is.
   * @param history of { itemId, value }; may be empty: nothing is then known of the user
   * @throws {TypeError | RangeError} that names the entry: for a bad or repeated id, one that is unknown (unless
   * `unknown` is "fallback": it is then skipped), a value that is no finite number; {Error} before `fit`.
   */
  foldIn(history: Iterable<HistoryOfUser>, options: FoldInOptions = {}): FoldedUser {
    const state = this.fitted();
    checkKnownOptions("foldIn", options, ["unknown"]);
    const entries = readHistory(history, "itemId", state.items, checkUnknown(options.unknown, "error"));
    return new FoldedUser(state, this.foldRow("users", entries.columns, entries.values), entries);
  }

  /** An item the model was not trained on, from what users did with it; else as `foldIn`. */
  foldInItem(history: Iterable<HistoryOfItem>, options: FoldInOptions = {}): FoldedItem {
    const state = this.fitted();
    checkKnownOptions("foldInItem", options, ["unknown"]);
    const entries = readHistory(history, "userId", state.users, checkUnknown(options.unknown, "error"));
    return new FoldedItem(state, this.foldRow("items", entries.columns, entries.values), entries);
  }

  /** Gives the model's memory back; any later use of the model is an error. Doing it twice is none. */
  dispose(): void {
    this.#release();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @throws {Error} if there is nothing fitted. */
  protected fitted(): State {
    this.checkUsable();
    if (!this.#fitted) throw new Error("the model has not been fitted; call fit first");
    return this.#fitted.state;
  }

  /** Queries to what is fitted. @throws {Error} if there is nothing. */
  protected get queries(): Queries<Folded> {
    this.fitted();
    return this.#fitted!.queries;
  }

  /** Takes the result of a fit, in place of that of an earlier one. */
  protected adopt(state: State): void {
    this.#release();
    this.#fitted = { state, queries: new Queries(state) };
    whenForgotten(state.scores, state.scores.release); // its matrices may outlive the model
  }

  /** @throws {Error} after `dispose`. */
  protected checkUsable(): void {
    if (this.#disposed) throw new Error("the model has been disposed");
  }

  #release(): void {
    if (!this.#fitted) return;
    const { scores } = this.#fitted.state;
    this.#fitted = undefined;
    forgetNoMore(scores);
    scores.dispose();
  }

  #itemsOf({ indices, scores }: Ranked): Recommendation[] {
    const { items } = this.fitted();
    return Array.from(indices, (index, rank) => ({ itemId: items.idAt(index), score: scores[rank]! }));
  }

  #usersOf({ indices, scores }: Ranked): UserRecommendation[] {
    const { users } = this.fitted();
    return Array.from(indices, (index, rank) => ({ userId: users.idAt(index), score: scores[rank]! }));
  }
}

function checkEqual(numUsers: number, numItems: number): void {
  if (numUsers === numItems) return;
  throw new RangeError(`users and items must be equally many, got ${numUsers} users and ${numItems} items`);
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
