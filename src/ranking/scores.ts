import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { RunOptions } from "../engine/pool.js";

/** One of the two sides of the data. */
export type Side = "users" | "items";

/** How alike two rows of factors a and b are: the cosine of their angle, a·b, or −‖a − b‖; always higher for more alike. */
export type SimilarityMetric = "cosine" | "dot" | "euclidean";

/** What is asked: the best columns for a row, of the other side by score, of the same side by similarity. */
export interface Direction {
  readonly rows: Side;
  readonly columns: Side;
  /** Used where both sides are the same. */
  readonly metric: SimilarityMetric;
}

/** A row: its index, UNKNOWN_INDEX for one the model has never met, or one that was folded in. */
export type Row<Folded> = number | Folded;

/** Which columns may come, and how many. */
export interface Selection {
  /** How many at most, ≥ 1. */
  readonly count: number;
  /** Column indices, rising: only these. Absent: all. */
  readonly candidates: Uint32Array | undefined;
  /** The lowest score that counts; −∞ for any. */
  readonly minimumScore: number;
}

/** A list of columns, best first, ties by index. */
export interface Ranked {
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

/** The lists of many rows: list r is the first counts[r] of the `width` places from r × width; what is behind means nothing. */
export interface RankedRows {
  readonly width: number;
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
  readonly counts: Uint32Array;
}

/** What is left out for each row: itself, the columns of its line in compressed rows, or nothing. */
export type ExcludedColumns = "self" | Pick<SparseMatrix, "offsets" | "columns"> | undefined;

/** The columns that are left out for a stored row. */
export function excludedOf(excluded: ExcludedColumns, row: number): Uint32Array {
  if (excluded === undefined) return NOTHING.indices;
  if (excluded === "self") return Uint32Array.of(row);
  return excluded.columns.subarray(excluded.offsets[row], excluded.offsets[row + 1]);
}

/** What is asked of many rows. */
export interface ManyRows {
  readonly direction: Direction;
  /** Indices of stored rows. */
  readonly rows: Uint32Array;
  readonly selection: Selection;
  /** What is left out. */
  readonly excluded: ExcludedColumns;
  /** Rows answered together; the memory it takes does not depend on how many there are in all. */
  readonly batchRows: number;
  readonly run: RunOptions;
}

/**
 * All that a model has to give to answer every query. Scores are final: clipped to `range`, and the same bits from
 * `scorePairs`, `rank` and `rankMany`. Indices are trusted.
 */
export interface Scores<Folded> {
  /** Predictions are within it. */
  readonly range: readonly [lowest: number, highest: number];
  /** The score of each pair (userIndices[t], itemIndices[t]), UNKNOWN_INDEX for an unknown one. */
  scorePairs(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array;
  scorePair(user: Row<Folded>, item: Row<Folded>): number;
  /** @param excluded column indices that are left out */
  rank(direction: Direction, row: Row<Folded>, selection: Selection, excluded: Iterable<number>): Ranked;
  rankMany(query: ManyRows): AsyncGenerator<RankedRows, void, void>;
  /** Keeps the memory, also past `dispose`, until the function it gives is called. */
  hold(): () => void;
  dispose(): void;
  /** @internal What frees the memory; for a registry of objects that were forgotten. */
  readonly release: () => void;
}

/** A list of nothing. */
export const NOTHING: Ranked = { indices: new Uint32Array(0), scores: new Float32Array(0) };

/** Clips every score to a range, in place. */
export function clipScores(scores: Float32Array, [lowest, highest]: readonly [number, number]): Float32Array {
  for (let t = 0; t < scores.length; t++) scores[t] = Math.min(Math.max(scores[t]!, lowest), highest);
  return scores;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** The largest f32 below a number: x > it means x ≥ the number, for an f32 x. */
export function floatBelow(value: number): number {
  floats[0] = value;
  if (floats[0]! < value) return floats[0]!;
  if (floats[0] === Number.NEGATIVE_INFINITY) return floats[0];
  if (floats[0] === 0) return -1.401298464324817e-45;
  words[0] = floats[0]! > 0 ? words[0]! - 1 : words[0]! + 1;
  return floats[0]!;
}

/**
 * The floor that raw scores must be above so that they are at least `minimumScore` once clipped to a range.
 * @returns undefined if none can be
 */
export function floorOf(minimumScore: number, [lowest, highest]: readonly [number, number]): number | undefined {
  if (minimumScore <= Math.fround(lowest)) return Number.NEGATIVE_INFINITY; // scores are clipped to the ends as f32
  return minimumScore > Math.fround(highest) ? undefined : floatBelow(minimumScore);
}
