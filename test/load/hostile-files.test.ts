/** Whatever is in a file: an error that says so, or a model that answers. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Id } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { type LoadedModel, load } from "../../src/load.js";
import { BiasModel } from "../../src/models/bias-model.js";
import { GlobalMean } from "../../src/models/global-mean.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { SaveOptions } from "../../src/models/model.js";
import { putTogether, rawVector, takeApart } from "../storage/raw-file.js";
import { Mutations } from "./mutations.js";

const REFUSAL = /^bytes is not a valid model file: .{5,500}$/;
const NEWER = /^bytes was written by a newer lowrank \(file format \d{1,9}, this one reads 1\); update the package$/;
/** What a model may say that is sound but has not got what it takes. */
const ANSWERS = [
  /^(foldIn|foldInItem|explain): a history of \d+ has no solution in single precision; fit with more regularization or damping/,
  /^the model has no training interactions to explain by; use foldIn with the user's history$/,
];

/** Five users and four items, by numbers, by names, and by both. */
function ratingsBy(userId: (index: number) => Id, itemId: (index: number) => Id): Interactions {
  const cells = Array.from({ length: 20 }, (_, at) => [at % 5, Math.floor(at / 5)] as const);
  const rated = cells.filter(([user, item]) => (user * 3 + item * 2) % 4 !== 0);
  return Interactions.fromObjects(
    rated.map(([user, item]) => ({
      userId: userId(user),
      itemId: itemId(item),
      value: 1 + ((user * 7 + item * 5) % 5),
    })),
  );
}

async function fileOf(model: LoadedModel, ratings: Interactions, options: SaveOptions = {}): Promise<Uint8Array> {
  await model.fit(ratings);
  const bytes = model.toBytes(options);
  model.dispose();
  return bytes;
}

const factorization = (): LoadedModel => new MatrixFactorization({ factors: 3, epochs: 5 });

/** Small valid files of every kind. */
async function validFiles(): Promise<Uint8Array[]> {
  const byNumbers = ratingsBy(
    (user) => user * 10,
    (item) => item + 0.5,
  );
  const byNames = ratingsBy(
    (user) => `ü${user}`,
    (item) => item,
  );
  const mixed = ratingsBy(
    (user) => (user % 2 === 0 ? user : `u${user}`),
    (item) => `i${item}`,
  );
  return [
    await fileOf(factorization(), byNames),
    await fileOf(factorization(), mixed, { float16: true }),
    await fileOf(new MatrixFactorization({ factors: 4, regularization: 0, damping: 0, clip: false }), byNumbers),
    await fileOf(factorization(), byNumbers, { users: false }),
    await fileOf(new BiasModel(), byNumbers, { seen: false }),
    await fileOf(new GlobalMean(), byNames),
  ];
}

/** Every score that a model gives to a few questions; the errors that it may answer with are left out. */
function scoresOf(model: LoadedModel): number[] {
  const [user = "nobody", otherUser = "nobody"] = model.users;
  const [item = "nothing", otherItem = "nothing"] = [...model.items].reverse();
  const scores: number[] = [];
  const take = (answer: () => number[]): void => {
    try {
      scores.push(...answer());
    } catch (error) {
      const isAnswer = error instanceof Error && ANSWERS.some((form) => form.test(error.message));
      if (!isAnswer) throw error;
    }
  };
  const listed = (list: { score: number }[]): number[] => list.map(({ score }) => score);
  take(() => [model.predict(user, item), model.predict("nobody", otherItem), model.predict(otherUser, "nothing")]);
  take(() => [...model.predictMany([...model.users], new Array(model.users.size).fill(item))]);
  take(() => listed([...model.recommend(user), ...model.recommend("nobody"), ...model.recommendUsers(item)]));
  take(() => listed([...model.recommend(otherUser, { filterSeen: false, count: 1000, minimumScore: 1 })]));
  for (const metric of ["cosine", "dot", "euclidean"] as const) {
    take(() => listed([...model.similarItems(item, { metric }), ...model.similarUsers(user, { metric })]));
  }
  take(() => {
    const history = [
      { itemId: item, value: 4 },
      { itemId: otherItem, value: -1e15 },
    ].slice(0, model.items.size);
    const visitor = model.foldIn(item === otherItem ? history.slice(0, 1) : history, { unknown: "fallback" });
    return [model.predict(visitor, item), ...listed(model.recommend(visitor)), ...listed(model.similarUsers(visitor))];
  });
  take(() => {
    const visited = model.foldInItem([{ userId: user, value: 4 }], { unknown: "fallback" });
    return [...listed(model.recommendUsers(visited)), ...listed(model.similarItems(visited))];
  });
  if (!model.users.has(user) || !model.items.has(item) || !("explain" in model)) return scores;
  take(() => {
    const { score, base, remainder, contributions } = model.explain(user, item);
    return [score, base, remainder, ...contributions.map(({ contribution }) => contribution)];
  });
  return scores;
}

/** What came of loading bytes and asking: "answered", "refused" or "newer"; anything else tells what went wrong. */
async function outcome(bytes: Uint8Array, users = true): Promise<string> {
  let model: LoadedModel;
  try {
    model = await load(bytes, { users });
  } catch (error) {
    if ((error as object).constructor !== Error) return `load: ${(error as Error).stack}`;
    const { message } = error as Error;
    return REFUSAL.test(message) ? "refused" : NEWER.test(message) ? "newer" : `load: ${message}`;
  }
  try {
    return scoresOf(model).every(Number.isFinite) ? "answered" : "NaN or infinite";
  } catch (error) {
    return `asked: ${(error as Error).stack}`;
  } finally {
    model.dispose();
  }
}

/** How many of the files each outcome had; the first file of one that went wrong is kept. */
async function outcomes(files: Iterable<Uint8Array>) {
  const counts: Record<string, number> = {};
  let culprit: string | undefined;
  let at = 0;
  for (const file of files) {
    const result = await outcome(file, at++ % 8 !== 0);
    counts[result] = (counts[result] ?? 0) + 1;
    if (!["answered", "refused", "newer"].includes(result)) culprit ??= Buffer.from(file).toString("base64");
  }
  return { counts, culprit };
}

describe("load", () => {
  let files: Uint8Array[];
  beforeAll(async () => {
    files = await validFiles();
  });

  test("takes the files as they are", async () => {
    expect(await outcomes(files)).toEqual({ counts: { answered: files.length }, culprit: undefined });
  });

  test("refuses every beginning of a file, and every file that goes on", async () => {
    for (const file of files.slice(0, 2)) {
      const beginnings = Array.from({ length: file.length }, (_, length) => file.subarray(0, length));
      expect((await outcomes(beginnings)).counts).toEqual({ refused: file.length });
      expect(await outcome(Uint8Array.of(...file, 0))).toBe("refused");
    }
  });

  test("10,000 changed files: refused, or a model that answers, at constant memory", async () => {
    const { arena } = engine();
    await outcomes(new Mutations(files, 1).take(200));
    const { bytesInUse } = arena;
    const { counts, culprit } = await outcomes(new Mutations(files, 2).take(10_000));
    expect(arena.bytesInUse).toBe(bytesInUse);
    expect(arena.capacity).toBeLessThan(16 * 2 ** 20);
    expect({ culprit, outcomes: Object.keys(counts).toSorted() }).toEqual({
      culprit: undefined,
      outcomes: ["answered", "newer", "refused"],
    });
    expect(counts.answered).toBeGreaterThan(1500);
    expect(counts.refused).toBeGreaterThan(4000);
  });

  test("takes no memory that the file's size does not bear out", async () => {
    const { metadata, tensors } = takeApart(files[2]!);
    const numUsers = 50_000;
    tensors.set(
      "user_ids",
      rawVector(
        "F64",
        Float64Array.from({ length: numUsers }, (_, user) => user),
      ),
    );
    tensors.set("item_ids", rawVector("F64", new Float64Array(0)));
    const empty = new Uint8Array(0);
    const before = engine().arena.bytesInUse;
    for (const columns of [300_000, 4096]) {
      for (const userColumns of [0, columns]) {
        tensors.set("item_factors", { dtype: "F32", shape: [0, columns], bytes: empty });
        tensors.set("user_factors", {
          dtype: "F32",
          shape: [userColumns === 0 ? numUsers : 0, userColumns],
          bytes: empty,
        });
        expect(await outcome(putTogether(metadata, tensors))).toBe("refused");
      }
    }
    expect(engine().arena.bytesInUse).toBe(before);
    expect(engine().arena.capacity).toBeLessThan(16 * 2 ** 20);
  });
});
