/** A model's answers as lists, one at a time or some thousands at once. */
import type {
  Id,
  IdIndex,
  ItemRankings,
  Model,
  RecommendOptions,
  SimilarItemsAllOptions,
  SimilarOptions,
  UserRankings,
} from "../index.js";

/** What one user or item is answered, best first. */
export interface AnswerList {
  /** Whom or what was asked about. */
  id: Id;
  entries: readonly ListEntry[];
}

export interface ListEntry {
  id: Id;
  score: number;
}

/** A question to a model. */
export type Question =
  | { name: "recommend"; options: RecommendOptions }
  | { name: "similarItems" | "similarUsers"; options: SimilarOptions };

/** Answers a few, without a pool of workers. */
export async function* askForEach(model: Model, question: Question, ids: readonly Id[]): AnswerBatches {
  yield ids.map((id) => ({ id, entries: answer(model, question, id) }));
}

export type AnswerBatches = AsyncGenerator<Iterable<AnswerList>, void, void>;

/** What a question for many takes beside its options. */
type ManyOptions = Pick<SimilarItemsAllOptions, "threads" | "signal">;

/** Answers any number, on all cores, while memory holds one batch. @param ids undefined for all there are */
export async function* askInBatches(
  model: Model,
  { name, options }: Question,
  ids: readonly Id[] | undefined,
  many: ManyOptions,
): AnswerBatches {
  const { users, items } = model;
  if (name === "similarItems") {
    const of = ids === undefined ? {} : { items: ids };
    for await (const batch of model.inBatches(name, { ...options, ...many, ...of })) yield listsOf(batch, items, items);
    return;
  }
  const of = ids === undefined ? {} : { users: ids };
  const all = { ...options, ...many, ...of };
  if (name === "similarUsers") {
    for await (const batch of model.inBatches(name, all)) yield listsOf(batch, users, users);
  } else {
    for await (const batch of model.inBatches(name, all)) yield listsOf(batch, users, items);
  }
}

function answer(model: Model, { name, options }: Question, id: Id): ListEntry[] {
  if (name === "similarUsers") {
    return model.similarUsers(id, options).map(({ userId, score }) => ({ id: userId, score }));
  }
  const items = name === "recommend" ? model.recommend(id, options) : model.similarItems(id, options);
  return items.map(({ itemId, score }) => ({ id: itemId, score }));
}

function* listsOf(batch: ItemRankings | UserRankings, rows: IdIndex, columns: IdIndex): Iterable<AnswerList> {
  const { queryIndices, counts, scores, width } = batch;
  const indices = "itemIndices" in batch ? batch.itemIndices : batch.userIndices;
  for (let query = 0; query < counts.length; query++) {
    const begin = query * width;
    const entries = Array.from({ length: counts[query]! }, (_, rank) => ({
      id: columns.idAt(indices[begin + rank]!),
      score: scores[begin + rank]!,
    }));
    yield { id: rows.idAt(queryIndices[query]!), entries };
  }
}
