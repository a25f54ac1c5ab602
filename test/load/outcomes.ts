/** What comes of files of any contents: small valid ones to begin with, and the outcome of loading one and asking. */
import type { Id } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { type LoadedModel, load } from "../../src/load.js";
import type { SaveOptions } from "../../src/models/model.js";

const REFUSAL = /^bytes is not a valid model file: .{5,500}$/;
const NEWER = /^bytes was written by a newer lowrank \(file format \d{1,9}, this one reads 1\); update the package$/;
/** What a model may say that is sound but has not got what it takes. */
const ANSWERS = [
  /^(foldIn|foldInItem|explain): a history of \d+ has no solution in single precision; fit with more regularization or damping/,
  /^the model has no training interactions to explain by; use foldIn with the user's history$/,
];

/** Five users and four items, by numbers, by names, and by both. */
export function ratingsBy(userId: (index: number) => Id, itemId: (index: number) => Id): Interactions {
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

export async function fileOf(
  model: LoadedModel,
  ratings: Interactions,
  options: SaveOptions = {},
): Promise<Uint8Array> {
  await model.fit(ratings);
  const bytes = model.toBytes(options);
  model.dispose();
  return bytes;
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
export async function outcome(bytes: Uint8Array, users = true): Promise<string> {
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
export async function outcomes(files: Iterable<Uint8Array>) {
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
