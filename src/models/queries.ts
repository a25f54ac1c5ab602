/** Questions to a fitted model: from ids and options to rows of `Scores` and back. */
import { badId, type Id, type IdIndex, isId } from "../data/id-index.js";
import { reject } from "../data/options.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { whenForgotten } from "../engine/forgotten.js";
import { UNKNOWN_INDEX } from "../engine/kernels.js";
import {
  type Direction,
  type ExcludedColumns,
  excludedOf,
  NOTHING,
  type Ranked,
  type RankedRows,
  type Row,
  type Scores,
  type Selection,
  type Side,
} from "../ranking/scores.js";
import { FoldedItem, FoldedUser } from "./folded.js";
import {
  checkMany,
  checkQuery,
  describeUnknown,
  indicesOf,
  MANY_KEYS,
  type QueryOptions,
  RECOMMEND_KEYS,
  SIMILAR_KEYS,
  selectionOf,
  type UnknownPolicy,
  without,
} from "./query-options.js";

/** What a fitted model holds, whatever its scores are made of. */
export interface Fitted<Folded> {
  readonly scores: Scores<Folded>;
  readonly users: IdIndex;
  readonly items: IdIndex;
  /** The training interactions, users × items; undefined where they were not kept. */
  readonly seen: SparseMatrix | undefined;
  /** How many training interactions each user (row) and item (column) has; undefined: all have some. */
  readonly counts: EntryCounts | undefined;
}

/** The queries for lists, by the method of one answer. */
export type QueryName = "recommend" | "recommendUsers" | "similarItems" | "similarUsers";

/** Whom a query is about. */
export type Who = Id | FoldedUser | FoldedItem;

/** Who that is to the scores, and the folded one if it is one. */
export interface Resolved<Folded> {
  readonly row: Row<Folded>;
  readonly folded: FoldedUser | FoldedItem | undefined;
}

/** Lists of many rows, and whose they are. */
export interface Batch extends RankedRows {
  readonly queryIndices: Uint32Array;
}

/** The sides of each query. */
const SIDES: Readonly<Record<QueryName, { rows: Side; columns: Side }>> = {
  recommend: { rows: "users", columns: "items" },
  recommendUsers: { rows: "items", columns: "users" },
  similarItems: { rows: "items", columns: "items" },
  similarUsers: { rows: "users", columns: "users" },
};

/** Places of results in one batch: what a batch holds is some tens of megabytes, whatever the data. */
const PLACES_PER_BATCH = 2 ** 20;
const MOST_ROWS_PER_BATCH = 8192;

const NO_COLUMNS = new Uint32Array(0);

/** @throws {TypeError | RangeError} if it is no query. */
export function checkQueryName(name: unknown): QueryName {
  if (typeof name !== "string" || !Object.hasOwn(SIDES, name)) {
    const names = Object.keys(SIDES).map((each) => `"${each}"`);
    reject("query", names.join(" | "), name, "string");
  }
  return name as QueryName;
}

/** What columns of a query are. */
export function columnsOf(name: QueryName): Side {
  return SIDES[name].columns;
}

/** The queries to one state of a model. */
export class Queries<Folded> {
  readonly #state: Fitted<Folded>;
  #seenByItem: SparseMatrix | undefined;
  /** By the side of the columns: the one score that a row of which nothing is known gives them all, or NaN. */
  readonly #flatScores: Partial<Record<Side, number>> = {};

  constructor(state: Fitted<Folded>) {
    this.#state = state;
  }

  /** @throws {TypeError | RangeError | Error} for what is no id, an unknown id if told so, a folded one of another state. */
  resolve(side: Side, who: Who, unknown: UnknownPolicy): Resolved<Folded> {
    const [Class, name] = side === "users" ? ([FoldedUser, "user"] as const) : ([FoldedItem, "item"] as const);
    if (isId(who)) {
      const index = this.#state[side].indexOf(who);
      if (index < 0 && unknown === "error") {
        throw new RangeError(`${name}Id ${describeUnknown(who, this.#state[side])}`);
      }
      return { row: index < 0 ? UNKNOWN_INDEX : index, folded: undefined };
    }
    if (typeof who === "number" || typeof who === "string") throw badId(`${name}Id`, who);
    if (!(who instanceof Class)) {
      reject(name, `an id or the result of ${side === "users" ? "foldIn" : "foldInItem"}`, who, "none");
    }
    if (who.state !== this.#state) {
      throw new Error(
        `${name} was folded into another model, or into this one before it was fitted again; fold it in anew`,
      );
    }
    return { row: who.row as Row<Folded>, folded: who };
  }

  /** `resolve` for many, an unknown id being UNKNOWN_INDEX; a typed array if none was folded in. */
  resolveAll(side: Side, many: ArrayLike<Who>): Uint32Array | Row<Folded>[] {
    const index = this.#state[side];
    const indices = new Uint32Array(many.length);
    for (let t = 0; t < many.length; t++) {
      const who = many[t]!;
      if (!isId(who)) return Array.from(many, (each) => this.resolve(side, each, "fallback").row);
      indices[t] = index.indexOf(who); // a −1 written to a u32 is UNKNOWN_INDEX
    }
    return indices;
  }

  /** The best columns for one row. @throws {TypeError | RangeError} that names a bad option. */
  rank(name: QueryName, who: Who, options: object): Ranked {
    const { rows, columns } = SIDES[name];
    const query = checkQuery(name, options, rows === columns ? SIMILAR_KEYS : RECOMMEND_KEYS);
    const { row, folded } = this.resolve(rows, who, query.unknown);
    const { selection, excluded } = selectionOf(query, this.#state[columns]);
    const direction = { rows, columns, metric: query.metric };
    const left = this.#leftOut(direction, query, row, folded);
    const all = excluded.length === 0 ? left : [...excluded, ...left];
    if (this.#isCold(rows, row, folded)) {
      const popular = this.#byPopularity(direction, selection, all);
      if (popular) return popular;
    }
    return this.#state.scores.rank(direction, row, selection, all);
  }

  /** Every option is checked at once; the work begins with the first batch that is taken. */
  batches(name: QueryName, where: string, options: object): AsyncGenerator<Batch, void, void> {
    const { rows, columns } = SIDES[name];
    const keys = [...(rows === columns ? SIMILAR_KEYS : RECOMMEND_KEYS), ...MANY_KEYS, rows];
    const query = checkQuery(where, options, keys);
    const { batchSize, threads, signal } = checkMany(options);
    const of = (options as Partial<Record<Side, Iterable<Id>>>)[rows];
    const numColumns = this.#state[columns].size;
    const queryIndices =
      of === undefined
        ? Uint32Array.from({ length: this.#state[rows].size }, (_, row) => row)
        : Uint32Array.from(indicesOf(rows, of, this.#state[rows], "error"));
    const { selection, excluded } = selectionOf(query, this.#state[columns]);
    const candidates = without(selection.candidates, excluded, numColumns);
    const width = Math.max(1, Math.min(query.count, candidates?.length ?? numColumns));
    const batchRows = batchSize ?? Math.max(1, Math.min(MOST_ROWS_PER_BATCH, Math.floor(PLACES_PER_BATCH / width)));
    const run = { threads, signal };
    const hold = { release: () => {} };
    const plan = { queryIndices, selection: { ...selection, candidates }, batchRows, run, hold };
    const lists = this.#rankMany({ rows, columns, metric: query.metric }, query, plan);
    whenForgotten(lists, () => hold.release());
    return lists;
  }

  async *#rankMany(
    direction: Direction,
    query: QueryOptions,
    { queryIndices, selection, batchRows, run, hold }: ManyPlan,
  ): AsyncGenerator<Batch, void, void> {
    const { scores } = this.#state;
    hold.release = scores.hold();
    try {
      run.signal?.throwIfAborted();
      let begin = 0;
      const excluded = this.#excluded(direction, query);
      const many = { direction, rows: queryIndices, selection, excluded, batchRows, run };
      for await (const ranked of scores.rankMany(many)) {
        const batch = { ...ranked, queryIndices: queryIndices.subarray(begin, begin + ranked.counts.length) };
        begin += ranked.counts.length;
        this.#answerCold(direction, query, selection, batch);
        yield batch;
        run.signal?.throwIfAborted();
      }
    } finally {
      hold.release();
    }
  }

  /** Rows of which nothing is known get the answer that they get alone. */
  #answerCold(direction: Direction, query: QueryOptions, selection: Selection, batch: Batch): void {
    const { queryIndices, width, indices, scores, counts } = batch;
    for (const [place, row] of queryIndices.entries()) {
      if (!this.#isCold(direction.rows, row, undefined)) continue;
      const popular = this.#byPopularity(direction, selection, this.#leftOut(direction, query, row, undefined));
      if (!popular) return; // nor for any other row
      indices.set(popular.indices, place * width);
      scores.set(popular.scores, place * width);
      counts[place] = popular.indices.length;
    }
  }

  /** What a query leaves out for stored rows: what they have seen, or themselves. */
  #excluded({ rows, columns }: Direction, { filterSeen, filterSelf }: QueryOptions): ExcludedColumns {
    if (rows === columns) return filterSelf ? "self" : undefined;
    if (!filterSeen) return undefined;
    return rows === "users" ? this.#state.seen : this.#seenTransposed();
  }

  /** The columns that are left out for a row. */
  #leftOut(
    direction: Direction,
    query: QueryOptions,
    row: Row<Folded>,
    folded: FoldedUser | FoldedItem | undefined,
  ): Uint32Array {
    if (folded) return direction.rows !== direction.columns && query.filterSeen ? folded.entries.columns : NO_COLUMNS;
    return row === UNKNOWN_INDEX ? NO_COLUMNS : excludedOf(this.#excluded(direction, query), row as number);
  }

  #seenTransposed(): SparseMatrix | undefined {
    this.#seenByItem ??= this.#state.seen?.transpose();
    return this.#seenByItem;
  }

  /** Whether nothing is known of a row. */
  #isCold(side: Side, row: Row<Folded>, folded: FoldedUser | FoldedItem | undefined): boolean {
    if (folded) return folded.size === 0;
    if (row === UNKNOWN_INDEX) return true;
    const { counts } = this.#state;
    return counts !== undefined && (side === "users" ? counts.rows : counts.columns)[row as number] === 0;
  }

  /** For a row of which nothing is known, where all columns have one score: by their interactions, ties by index. */
  #byPopularity(
    { rows, columns }: Direction,
    { count, candidates, minimumScore }: Selection,
    excluded: Iterable<number>,
  ): Ranked | undefined {
    const { counts } = this.#state;
    const popularity = columns === "items" ? counts?.columns : counts?.rows;
    if (rows === columns || !popularity) return undefined;
    const score = this.#flatScore(columns);
    if (Number.isNaN(score)) return undefined;
    if (score < minimumScore) return NOTHING;
    const left = new Set(excluded);
    const all = candidates ?? Uint32Array.from(popularity.keys());
    const indices = all
      .filter((column) => !left.has(column))
      .sort((a, b) => popularity[b]! - popularity[a]! || a - b)
      .slice(0, count);
    return { indices, scores: new Float32Array(indices.length).fill(score) };
  }

  #flatScore(columns: Side): number {
    const { scores } = this.#state;
    this.#flatScores[columns] ??= flatScoreOf(scores, columns, this.#state[columns].size);
    return this.#flatScores[columns];
  }
}

/** How a query for many lists is carried out. */
interface ManyPlan {
  readonly queryIndices: Uint32Array;
  readonly selection: Selection;
  readonly batchRows: number;
  readonly run: { threads: number; signal: AbortSignal | undefined };
  /** Lets the scores go; set when the work begins. */
  readonly hold: { release: () => void };
}

function flatScoreOf<Folded>(scores: Scores<Folded>, columns: Side, size: number): number {
  const known = Uint32Array.from({ length: size }, (_, column) => column);
  const unknown = new Uint32Array(size).fill(UNKNOWN_INDEX);
  const all = columns === "items" ? scores.scorePairs(unknown, known) : scores.scorePairs(known, unknown);
  return all.every((score) => score === all[0]) ? (all[0] ?? Number.NaN) : Number.NaN;
}
