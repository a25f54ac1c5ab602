/** The contract: what every model does, and the types of its answers. */
import type { Id, IdIndex } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import type { ModelTarget } from "../storage/model-sink.js";
import type { FoldedItem, FoldedUser, HistoryOfItem, HistoryOfUser } from "./folded.js";
import type {
  FoldInOptions,
  PredictOptions,
  RecommendAllOptions,
  RecommendOptions,
  RecommendUsersAllOptions,
  SimilarItemsAllOptions,
  SimilarOptions,
  SimilarUsersAllOptions,
} from "./query-options.js";

/** What an epoch of any model tells `onEpoch`. */
export interface EpochTimes {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Time of the epoch's pass over the training data. */
  seconds: number;
  /** Training ratings visited a second. */
  ratingsPerSecond: number;
}

/** What an epoch of a model of ratings tells. */
export interface RatingReport extends EpochTimes {
  /** Root mean squared error over the training data on the rating scale; in SGD each error is taken before its own update. */
  trainRmse: number;
  /** RMSE over `validation`; undefined without one. */
  validationRmse: number | undefined;
  /** Whether every epoch before it had a higher validation RMSE; true without validation. */
  isBest: boolean;
}

/** What every epoch of gradient descent tells `onEpoch`. */
export interface EpochReport extends RatingReport {
  learningRate: number;
}

/** What every epoch of alternating least squares tells. */
export interface SolverReport {
  /** What is minimised, after the epoch. */
  objective: number;
  /**
   * Users and items of the epoch whose equations were singular to single precision, and were solved with a little more on
   * the diagonal. Some are no harm; many mean that there should be more regularization.
   */
  jitteredRows: number;
}

/** What half an epoch tells `onHalfStep`: one side was solved for, the other fixed. */
export interface HalfStepReport extends SolverReport {
  /** From 1. */
  epoch: number;
  side: "users" | "items";
}

/** @typeParam Report what `onEpoch` is told */
export interface FitOptions<Report = EpochReport> {
  /** Interactions to measure after every epoch; the factors of the best epoch are kept. Unknown ids are allowed. */
  validation?: Interactions;
  /** Stop after this many epochs without a lower validation RMSE; a whole number ≥ 1. Needs `validation`. */
  patience?: number;
  onEpoch?: (report: Report) => void;
  /** Ends the fit early: it rejects with the signal's reason, and the model is as it was before. */
  signal?: AbortSignal;
}

/** An item and its score for whoever was asked about. */
export interface Recommendation {
  itemId: Id;
  /** What `predict` gives, or, from `similarItems`, the similarity. */
  score: number;
}

/** A user and their score for whatever was asked about. */
export interface UserRecommendation {
  userId: Id;
  /** What `predict` gives, or, from `similarUsers`, the similarity. */
  score: number;
}

/**
 * The lists of many queries, in typed arrays by index: list q is the first counts[q] of the `width` places from
 * q × width, best first; what stands behind them means nothing.
 */
interface Rankings {
  /** u32[queries]: whom each list is for, as `users.idAt` or `items.idAt` names them. */
  queryIndices: Uint32Array;
  /** f32[queries × width] */
  scores: Float32Array;
  /** u32[queries] */
  counts: Uint32Array;
  /** Places of each list: `count`, or all there are if that is less. */
  width: number;
}

/** Lists of items: of `recommendAll` by user, of `similarItemsAll` by item. */
export interface ItemRankings extends Rankings {
  /** u32[queries × width] */
  itemIndices: Uint32Array;
}

/** Lists of users: of `recommendUsersAll` by item, of `similarUsersAll` by user. */
export interface UserRankings extends Rankings {
  /** u32[queries × width] */
  userIndices: Uint32Array;
}

/** How a score comes about. */
export interface Explanation {
  /** The prediction, before it is clipped to the range of the ratings. */
  score: number;
  /** What the score would be if nothing were known of the user: the mean and the item's bias. */
  base: number;
  /** What each of the user's interactions adds, largest first; with `base` and `remainder` they sum to `score`. */
  contributions: Contribution[];
  /**
   * The part of the score that is no interaction's: how far the trained factors are from the exact solution for this
   * history. 0 for a user who was folded in.
   */
  remainder: number;
}

export interface Contribution {
  itemId: Id;
  /** The value of the user's interaction with it. */
  value: number;
  contribution: number;
}

export interface SaveOptions {
  /** Whether factors are written in half precision: half the size, about three decimal digits. Default false. */
  float16?: boolean;
  /**
   * Whether the training interactions are kept, which leave out what a user has seen, and which `partialFit`, and
   * `explain` for users by id, need. Default true.
   */
  seen?: boolean;
  /** Whether users are kept; without them it is a model for visitors, who come by `foldIn`. Default true. */
  users?: boolean;
}

/** What every model does. A user is an id or the result of `foldIn`, an item an id or the result of `foldInItem`. */
export interface Model {
  /** User ids ↔ indices. @throws {Error} before `fit`. */
  readonly users: IdIndex;
  /** Item ids ↔ indices. @throws {Error} before `fit`. */
  readonly items: IdIndex;
  fit(train: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;
  partialFit(more: Interactions, options?: Pick<FitOptions, "signal">): Promise<this>;
  predict(user: Id | FoldedUser, item: Id | FoldedItem, options?: PredictOptions): number;
  predictMany(users: ArrayLike<Id | FoldedUser>, items: ArrayLike<Id | FoldedItem>): Float32Array;
  /** Predictions by index, UNKNOWN_INDEX (2^32 − 1) for one the model has never met. */
  predictIndices(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array;
  /** Whether the model was trained on interactions of both; indices as in `predictIndices`. */
  knows(userIndex: number, itemIndex: number): boolean;
  recommend(user: Id | FoldedUser, options?: RecommendOptions): Recommendation[];
  recommendUsers(item: Id | FoldedItem, options?: RecommendOptions): UserRecommendation[];
  similarItems(item: Id | FoldedItem, options?: SimilarOptions): Recommendation[];
  similarUsers(user: Id | FoldedUser, options?: SimilarOptions): UserRecommendation[];
  recommendAll(options?: RecommendAllOptions): Promise<ItemRankings>;
  recommendUsersAll(options?: RecommendUsersAllOptions): Promise<UserRankings>;
  similarItemsAll(options?: SimilarItemsAllOptions): Promise<ItemRankings>;
  similarUsersAll(options?: SimilarUsersAllOptions): Promise<UserRankings>;
  inBatches(query: "recommend", options?: RecommendAllOptions): AsyncGenerator<ItemRankings, void, void>;
  inBatches(query: "recommendUsers", options?: RecommendUsersAllOptions): AsyncGenerator<UserRankings, void, void>;
  inBatches(query: "similarItems", options?: SimilarItemsAllOptions): AsyncGenerator<ItemRankings, void, void>;
  inBatches(query: "similarUsers", options?: SimilarUsersAllOptions): AsyncGenerator<UserRankings, void, void>;
  foldIn(history: Iterable<HistoryOfUser>, options?: FoldInOptions): FoldedUser;
  foldInItem(history: Iterable<HistoryOfItem>, options?: FoldInOptions): FoldedItem;
  save(target: ModelTarget, options?: SaveOptions & { signal?: AbortSignal }): Promise<void>;
  toBytes(options?: SaveOptions): Uint8Array;
  dispose(): void;
}
