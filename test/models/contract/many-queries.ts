/** Many lists at once: the lists that each gets alone, to the last bit, however they are made. */
import { describe, expect, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { engine } from "../../../src/engine/engine.js";
import type { ItemRankings, Model, UserRankings } from "../../../src/models/model.js";
import {
  type AskOptions,
  ask,
  askAll,
  isSimilarity,
  type ListOf,
  listsOf,
  type ManyOptions,
  QUESTIONS,
  type Question,
} from "./questions.js";
import { restrictions, someOf } from "./single-queries.js";
import { fitted, type Subject } from "./subject.js";

/** The lists that the rows get alone. */
function oneByOne(model: Model, question: Question, rows: Iterable<number>, options?: AskOptions): ListOf[] {
  const index = model[question.rows];
  return Array.from(rows, (row) => ({ row, list: ask(model, question, index.idAt(row), options) }));
}

const everyRow = (model: Model, { rows }: Question): number[] => [...model[rows].toArray().keys()];

/** `inBatches` for any of the queries. */
export function batchesOf(
  model: Model,
  { query }: Question,
  options?: ManyOptions,
): AsyncGenerator<ItemRankings | UserRankings, void, void> {
  return model.inBatches(query as "recommend", options);
}

/** Every kind of option that a question takes. */
function variants(question: Question): AskOptions[] {
  const all = restrictions(question);
  if (isSimilarity(question)) {
    const metrics = (["dot", "euclidean"] as const).map((metric) => ({
      metric,
      minimumScore: metric === "dot" ? 0 : -1,
    }));
    return [...all, ...metrics, { filterSelf: false }, { metric: "euclidean", minimumScore: 0, filterSelf: false }];
  }
  return [...all, { filterSeen: false }, { filterSeen: false, exclude: someOf(question) }, { minimumScore: 3.5 }];
}

export function manyQueries(subject: Subject): void {
  for (const question of QUESTIONS) {
    describe(question.all, () => {
      sameLists(subject, question);
      leftEarly(subject, question);
    });
  }
}

function sameLists(subject: Subject, question: Question): void {
  const { rows, columns } = question;

  test("everybody's lists, whatever the options", async () => {
    const model = await fitted(subject);
    const all = everyRow(model, question);
    for (const options of [undefined, ...variants(question)]) {
      expect(await askAll(model, question, options)).toEqual(oneByOne(model, question, all, options));
    }
  });

  test("some, in the order asked for, also again and again; nobody", async () => {
    const model = await fitted(subject);
    const index = model[rows];
    const ids = [41, 3, 3, 0, 38, 3].map((row) => index.idAt(row % index.size));
    const asked = ids.map((id) => index.indexOf(id));
    for (const of of [ids, new Set(ids), ids.values()]) {
      const lists = await askAll(model, question, { [rows]: of, count: 4 });
      const wanted = of instanceof Set ? new Set(asked) : asked;
      expect(lists).toEqual(oneByOne(model, question, wanted, { count: 4 }));
    }
    expect(await askAll(model, question, { [rows]: [] })).toEqual([]);
    const unknown = { [rows]: [index.idAt(0), `${index.idAt(1)}x`], unknown: "fallback" } as const;
    const message = `${rows}[1] must be known to the model, got "${index.idAt(1)}x"; did you mean "${index.idAt(1)}"`;
    await expect(askAll(model, question, unknown)).rejects.toThrow(message);
  });

  test("no place is wider than there are columns", async () => {
    const model = await fitted(subject);
    const width = async (options: ManyOptions): Promise<number> => (await model[question.all](options)).width;
    expect(await width({ count: 10_000 })).toBe(model[columns].size);
    expect(await width({ count: 7 })).toBe(7);
    expect(await width({ count: 7, include: [model[columns].idAt(3), model[columns].idAt(5)] })).toBe(2);
  });

  test("in batches of any size", async () => {
    const model = await fitted(subject);
    const all = everyRow(model, question);
    const expected = oneByOne(model, question, all, { count: 6 });
    for (const batchSize of [1, 7, all.length, 10_000, undefined]) {
      const options = { count: 6, ...(batchSize === undefined ? {} : { batchSize }) };
      expect(await askAll(model, question, options)).toEqual(expected);
      const batches: ListOf[][] = [];
      for await (const batch of batchesOf(model, question, options)) batches.push(listsOf(model[columns], batch));
      expect(batches.flat()).toEqual(expected);
      const size = Math.min(batchSize ?? all.length, all.length);
      expect(batches.slice(0, -1).every(({ length }) => length === size)).toBe(true);
      expect(batches.length).toBe(Math.ceil(all.length / size));
    }
  });

  test("on any number of threads", async () => {
    const model = await fitted(subject);
    const ids = model[rows].toArray();
    const times = subject.kind.pool ? Math.ceil(7500 / ids.length) : 1; // of at most 960 rows a chunk
    const many = new Array<Id[]>(times).fill(ids).flat();
    const one = await model[question.all]({ [rows]: many, threads: 1 });
    const alone = oneByOne(model, question, everyRow(model, question));
    expect(listsOf(model[columns], one).slice(-alone.length)).toEqual(alone);
    for (const threads of [0, 2, 3, 5, 7]) {
      const other = await model[question.all]({ [rows]: many, threads });
      expect(Buffer.compare(placesOf(other), placesOf(one))).toBe(0);
    }
  });
}

/** The bytes of all places that mean something. */
function placesOf(rankings: ItemRankings | UserRankings): Uint8Array {
  const { queryIndices, counts, scores, width } = rankings;
  const indices = "itemIndices" in rankings ? rankings.itemIndices : rankings.userIndices;
  const scoreBits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const words = [...queryIndices, ...counts];
  for (const [row, count] of counts.entries()) {
    for (let at = row * width; at < row * width + count; at++) words.push(indices[at]!, scoreBits[at]!);
  }
  return new Uint8Array(Uint32Array.from(words).buffer);
}

function leftEarly(subject: Subject, question: Question): void {
  test("a loop that is left gives its memory back", async () => {
    const model = await fitted(subject);
    const { arena } = engine();
    const before = arena.bytesInUse;
    let batches = 0;
    for await (const _ of batchesOf(model, question, { batchSize: 7 })) if (++batches === 2) break;
    expect(batches).toBe(2);
    expect(arena.bytesInUse).toBe(before);
    const unused = batchesOf(model, question, { batchSize: 7 });
    await unused.return();
    expect(arena.bytesInUse).toBe(before);
  });

  test("aborted before: it rejects with the reason", async () => {
    const model = await fitted(subject);
    const before = engine().arena.bytesInUse;
    const signal = AbortSignal.abort("enough");
    await expect(askAll(model, question, { signal })).rejects.toBe("enough");
    await expect(batchesOf(model, question, { signal }).next()).rejects.toBe("enough");
    expect(engine().arena.bytesInUse).toBe(before);
  });

  test("aborted between two batches, and at work", async () => {
    const model = await fitted(subject);
    const { arena } = engine();
    const before = arena.bytesInUse;
    const between = new AbortController();
    const batches = batchesOf(model, question, { batchSize: 7, signal: between.signal });
    await batches.next();
    between.abort("enough");
    await expect(batches.next()).rejects.toBe("enough");
    expect(arena.bytesInUse).toBe(before);
    const ids = model[question.rows].toArray();
    const work = new AbortController();
    setTimeout(() => work.abort("enough"), 20);
    const many = { [question.rows]: new Array<Id[]>(1000).fill(ids).flat(), batchSize: 1, signal: work.signal };
    await expect(askAll(model, question, many)).rejects.toBe("enough");
    expect(arena.bytesInUse).toBe(before);
    expect(await askAll(model, question)).toEqual(oneByOne(model, question, everyRow(model, question)));
  });
}
