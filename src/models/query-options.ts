/** The options of every query, and their checks. */
import { badId, type Id, type IdIndex, isId } from "../data/id-index.js";
import {
  checkBoolean,
  checkFinite,
  checkInteger,
  checkKnownOptions,
  checkOneOf,
  describeValue,
  reject,
} from "../data/options.js";
import { MAXIMUM_THREADS } from "../engine/job.js";
import type { Selection, SimilarityMetric } from "../ranking/scores.js";

/** What an id that the model has never met leads to: the answer that is left without it, or an error. */
export type UnknownPolicy = "fallback" | "error";

export interface PredictOptions {
  /** What an unknown id leads to: "fallback" (default) leaves the biases and the mean, "error" throws a RangeError. */
  unknown?: UnknownPolicy;
}

/** Options of every query for a list. */
interface RankOptions {
  /** How many at most; a whole number ≥ 1. Default 10. */
  count?: number;
  /** Ids that are left out; those that are unknown change nothing. */
  exclude?: Iterable<Id>;
  /** Only these ids can come, such as what is in stock; those that are unknown cannot. Default: all. */
  include?: Iterable<Id>;
  /** Only scores of at least so much. Default: any. */
  minimumScore?: number;
  /** What an unknown id, asked about or in `include`, leads to: "fallback" (default), or "error", a RangeError. */
  unknown?: UnknownPolicy;
}

export interface RecommendOptions extends RankOptions {
  /** Whether what the training data (or the folded history) already have together is left out. Default true. */
  filterSeen?: boolean;
}

export interface SimilarOptions extends RankOptions {
  /** "cosine" (default) of the angle of the factors, their "dot" product, or "euclidean": minus their distance. */
  metric?: SimilarityMetric;
  /** Whether the one that is asked about is left out. Default true. */
  filterSelf?: boolean;
}

/** Options of every query on the pool. */
interface ManyOptions {
  /** Lists answered together, ≥ 1: those that `inBatches` gives at a time. Default: by size, some thousands. */
  batchSize?: number;
  /** 0 (default) for one per core; a whole number in [0, 256]. */
  threads?: number;
  /** Ends the work early: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface RecommendAllOptions extends RecommendOptions, ManyOptions {
  /** For whom; all by default. Every id must be known. */
  users?: Iterable<Id>;
}

export interface RecommendUsersAllOptions extends RecommendOptions, ManyOptions {
  /** For which items; all by default. Every id must be known. */
  items?: Iterable<Id>;
}

export interface SimilarItemsAllOptions extends SimilarOptions, ManyOptions {
  /** For which items; all by default. Every id must be known. */
  items?: Iterable<Id>;
}

export interface SimilarUsersAllOptions extends SimilarOptions, ManyOptions {
  /** For whom; all by default. Every id must be known. */
  users?: Iterable<Id>;
}

export interface FoldInOptions {
  /** What an unknown id in the history leads to: "error" (default), a RangeError, or "fallback": it is skipped. */
  unknown?: UnknownPolicy;
}

/** All options of a query for a list, with their defaults. */
export interface QueryOptions {
  count: number;
  exclude: Iterable<Id>;
  include: Iterable<Id> | undefined;
  minimumScore: number;
  unknown: UnknownPolicy;
  filterSeen: boolean;
  metric: SimilarityMetric;
  filterSelf: boolean;
}

const RANK_KEYS = ["count", "exclude", "include", "minimumScore", "unknown"];
export const RECOMMEND_KEYS = [...RANK_KEYS, "filterSeen"];
export const SIMILAR_KEYS = [...RANK_KEYS, "metric", "filterSelf"];
export const MANY_KEYS = ["batchSize", "threads", "signal"];

const POLICIES = ["fallback", "error"] as const;
const METRICS = ["cosine", "dot", "euclidean"] as const;

/** @throws {TypeError | RangeError} that names the option, the rule and the value. */
export function checkQuery(where: string, options: object, keys: readonly string[]): QueryOptions {
  checkKnownOptions(where, options, keys);
  const {
    count = 10,
    exclude = [],
    include,
    minimumScore = -Infinity,
    unknown = "fallback",
    filterSeen = true,
    metric = "cosine",
    filterSelf = true,
  } = options as Partial<QueryOptions>;
  checkInteger("count", count, 1);
  if (minimumScore !== -Infinity) checkFinite("minimumScore", minimumScore);
  checkBoolean("filterSeen", filterSeen);
  checkBoolean("filterSelf", filterSelf);
  checkOneOf("metric", metric, METRICS);
  checkUnknown(unknown);
  return { count, exclude, include, minimumScore, unknown, filterSeen, metric, filterSelf };
}

export function checkUnknown(value: unknown, fallback?: UnknownPolicy): UnknownPolicy {
  return checkOneOf("unknown", value === undefined ? fallback : value, POLICIES);
}

/** @throws as `checkQuery`. */
export function checkMany({
  batchSize,
  threads = 0,
  signal,
}: ManyOptions): Required<Pick<ManyOptions, "threads">> & Pick<ManyOptions, "batchSize" | "signal"> {
  if (batchSize !== undefined) checkInteger("batchSize", batchSize, 1);
  checkInteger("threads", threads, 0, MAXIMUM_THREADS);
  if (signal !== undefined && !(signal instanceof AbortSignal)) reject("signal", "an AbortSignal", signal, "none");
  return { threads, ...(batchSize === undefined ? {} : { batchSize }), ...(signal === undefined ? {} : { signal }) };
}

/** The indices of ids, in order. @throws as `checkQuery`, for what is no iterable of ids; for an unknown one if told so. */
export function indicesOf(name: string, ids: unknown, index: IdIndex, unknown: UnknownPolicy): number[] {
  const isIterable = typeof ids === "object" && ids !== null && Symbol.iterator in ids;
  if (!isIterable) reject(name, "an iterable of ids", ids, "none");
  const indices: number[] = [];
  let at = 0;
  for (const id of ids as Iterable<unknown>) {
    if (!isId(id)) throw badId(`${name}[${at}]`, id);
    const found = index.indexOf(id);
    if (found >= 0) indices.push(found);
    else if (unknown === "error") throw new RangeError(`${name}[${at}] ${describeUnknown(id, index)}`);
    at++;
  }
  return indices;
}

/** The rest of a message about an id that is unknown, after its name. */
export function describeUnknown(id: Id, index: IdIndex): string {
  const nearest = index.nearest(id);
  const hint = nearest.length === 0 ? "" : `; did you mean ${nearest.map((near) => describeValue(near)).join(", ")}?`;
  return `must be known to the model, got ${describeValue(id)}${hint}`;
}

/** Rising, each once. */
function sortedSet(indices: readonly number[]): Uint32Array {
  return Uint32Array.from(new Set(indices)).sort();
}

/** Which columns a query lets come, and those it leaves out. */
export function selectionOf(
  { count, exclude, include, minimumScore, unknown }: QueryOptions,
  columns: IdIndex,
): { selection: Selection; excluded: number[] } {
  const excluded = indicesOf("exclude", exclude, columns, "fallback");
  const candidates = include === undefined ? undefined : sortedSet(indicesOf("include", include, columns, unknown));
  return { selection: { count, minimumScore, candidates }, excluded };
}

/** The candidates without some columns: rising indices; undefined where all may come. */
export function without(
  candidates: Uint32Array | undefined,
  excluded: readonly number[],
  numColumns: number,
): Uint32Array | undefined {
  if (excluded.length === 0) return candidates;
  const left = new Set(excluded);
  const all = candidates ?? Uint32Array.from({ length: numColumns }, (_, column) => column);
  return all.filter((column) => !left.has(column));
}
