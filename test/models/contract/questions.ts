/** The four questions for lists, asked one at a time or all at once, and answered by looking at everything there is. */
import type { Id, IdIndex } from "../../../src/data/id-index.js";
import type { Interactions } from "../../../src/data/interactions.js";
import type { ItemRankings, Model, UserRankings } from "../../../src/models/model.js";
import type { QueryName } from "../../../src/models/queries.js";
import type { RecommendOptions, SimilarOptions } from "../../../src/models/query-options.js";
import type { Side } from "../../../src/ranking/scores.js";

export interface Question {
  readonly query: QueryName;
  readonly all: "recommendAll" | "recommendUsersAll" | "similarItemsAll" | "similarUsersAll";
  /** Whom it is about. */
  readonly rows: Side;
  /** What the lists are of. */
  readonly columns: Side;
}

export const QUESTIONS: readonly Question[] = [
  { query: "recommend", all: "recommendAll", rows: "users", columns: "items" },
  { query: "recommendUsers", all: "recommendUsersAll", rows: "items", columns: "users" },
  { query: "similarItems", all: "similarItemsAll", rows: "items", columns: "items" },
  { query: "similarUsers", all: "similarUsersAll", rows: "users", columns: "users" },
];

export const isSimilarity = ({ rows, columns }: Question): boolean => rows === columns;

export type AskOptions = RecommendOptions & SimilarOptions;
export type ManyOptions = AskOptions & {
  users?: Iterable<Id>;
  items?: Iterable<Id>;
  batchSize?: number;
  threads?: number;
  signal?: AbortSignal;
};

/** One place of a list. */
export interface Listed {
  readonly id: Id;
  readonly score: number;
}

/** One of the four queries. */
export function ask(model: Model, { query }: Question, who: unknown, options?: AskOptions): Listed[] {
  switch (query) {
    case "recommend":
    case "similarItems": {
      const list = model[query](who as Id, options);
      return list.map(({ itemId, score }) => ({ id: itemId, score }));
    }
    default: {
      const list = model[query](who as Id, options);
      return list.map(({ userId, score }) => ({ id: userId, score }));
    }
  }
}

/** A list of many, and whose it is. */
export interface ListOf {
  readonly row: number;
  readonly list: Listed[];
}

/** One of the four queries for many. */
export async function askAll(model: Model, { all, columns }: Question, options?: ManyOptions): Promise<ListOf[]> {
  return listsOf(model[columns], await model[all](options));
}

/** The lists of rankings, by id. */
export function listsOf(columns: IdIndex, rankings: ItemRankings | UserRankings): ListOf[] {
  const { queryIndices, scores, counts, width } = rankings;
  const indices = "itemIndices" in rankings ? rankings.itemIndices : rankings.userIndices;
  return Array.from(queryIndices, (row, at) => ({
    row,
    list: Array.from({ length: counts[at]! }, (_, place) => ({
      id: columns.idAt(indices[at * width + place]!),
      score: scores[at * width + place]!,
    })),
  }));
}

/** The columns that a row has in the data. */
export function seenBy(data: Interactions, { rows }: Question, id: Id): Set<Id> {
  const matrix = rows === "users" ? data.matrix : data.transposed;
  const row = data[rows].indexOf(id);
  const others = data[rows === "users" ? "items" : "users"];
  const columns = row < 0 ? [] : matrix.columns.subarray(matrix.offsets[row], matrix.offsets[row + 1]);
  return new Set(Array.from(columns, (column) => others.idAt(column)));
}

/** The predictions for an id with all columns, by column. */
export function scoresOf(model: Model, { rows }: Question, id: Id): Float32Array {
  const { users, items } = model;
  return rows === "users"
    ? model.predictMany(new Array<Id>(items.size).fill(id), items.toArray())
    : model.predictMany(users.toArray(), new Array<Id>(users.size).fill(id));
}

/**
 * The list that a query must give, by looking at everything. @param scores by column, before they are clipped; NaN where
 * one cannot come
 * @param left ids that are left out for whom it is about
 */
export function expectedList(
  columns: IdIndex,
  scores: ArrayLike<number>,
  { count = 10, exclude = [], include, minimumScore = -Infinity }: AskOptions,
  left: ReadonlySet<Id> = new Set(),
): Listed[] {
  const indicesOf = (ids: Iterable<Id>): Set<number> => new Set(Array.from(ids, (id) => columns.indexOf(id)));
  const [excluded, included] = [indicesOf(exclude), include && indicesOf(include)];
  const places: { index: number; id: Id; score: number }[] = [];
  for (const [index, id] of columns.toArray().entries()) {
    const score = scores[index]!;
    if (left.has(id) || excluded.has(index) || included?.has(index) === false) continue;
    if (score >= minimumScore) places.push({ index, id, score });
  }
  places.sort((a, b) => b.score - a.score || a.index - b.index);
  return places.slice(0, count).map(({ id, score }) => ({ id, score }));
}
