/** What every model of the form score = offset + b_u + b_i + p_u·q_i does once it is fitted, and until it is disposed of. */
import { describe, expect, test } from "vitest";
import type { Id } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { mapValues, predictionsOf, SMALL } from "./ratings.js";

describe("predict", () => {
  test("one who is unknown adds nothing", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 5 }).fit(SMALL);
    const clip = (score: number): number => Math.min(Math.max(score, SMALL.minimum), SMALL.maximum);
    for (const id of [1, 17, 40]) {
      const itemBias = model.itemBias[model.items.indexOf(id)]!;
      expect(model.predict("nobody", id)).toBe(Math.fround(clip(Math.fround(model.offset + itemBias))));
      const userBias = model.userBias[model.users.indexOf(id)]!;
      expect(model.predict(id, "nothing")).toBe(Math.fround(clip(Math.fround(model.offset + userBias))));
    }
    expect(model.predict("nobody", "nothing")).toBe(model.offset);
  });

  test("clips to the range of the training ratings, unless told not to", async () => {
    const options = { factors: 16, epochs: 60, regularization: 0, damping: 0, learningRate: 0.1 };
    const clipped = predictionsOf(await new MatrixFactorization(options).fit(SMALL), SMALL);
    const free = predictionsOf(await new MatrixFactorization({ ...options, clip: false }).fit(SMALL), SMALL);
    expect(Math.max(...free)).toBeGreaterThan(SMALL.maximum);
    expect(clipped).toEqual(free.map((score) => Math.min(Math.max(score, SMALL.minimum), SMALL.maximum)));
  });

  test("many pairs as each alone, in more than one batch", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 2 }).fit(SMALL);
    const users = Array.from({ length: 70_001 }, (_, at) => 1 + (at % 61)); // 61 is unknown
    const items = Array.from({ length: 70_001 }, (_, at) => 1 + ((at * 7) % 41));
    const many = model.predictMany(users, items);
    expect(many.length).toBe(70_001);
    for (let at = 0; at < many.length; at += 997) expect(many[at]).toBe(model.predict(users[at]!, items[at]!));
    expect(model.predictMany([], [])).toEqual(new Float32Array(0));
  });

  test("as many users as items", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 2 }).fit(SMALL);
    const message = "users and items must be equally many, got 2 users and 1 items";
    expect(() => model.predictMany([1, 2], [3])).toThrow(new RangeError(message));
    expect(() => model.predictIndices(Uint32Array.of(1, 2), Uint32Array.of(3))).toThrow(new RangeError(message));
  });
});

describe("recommend", () => {
  test("the best of the items not seen, with the scores of predict to the last bit", async () => {
    const model = await new MatrixFactorization({ factors: 8, epochs: 20 }).fit(SMALL);
    for (const userId of [1, 2, 3, 30, 60]) {
      const seen = new Set([...SMALL].filter((each) => each.userId === userId).map(({ itemId }) => itemId));
      const expected = [...SMALL.items]
        .filter((itemId) => !seen.has(itemId))
        .map((itemId) => ({ itemId, score: model.predict(userId, itemId) }))
        .toSorted((a, b) => b.score - a.score || model.items.indexOf(a.itemId) - model.items.indexOf(b.itemId));
      const all = model.recommend(userId, { count: 1000 });
      expect(all.map(({ score }) => score)).toEqual(expected.map(({ score }) => score));
      expect(all.length).toBe(40 - seen.size);
      expect(model.recommend(userId, { count: 5 })).toEqual(all.slice(0, 5));
      expect(model.recommend(userId)).toEqual(all.slice(0, 10));
    }
  });

  test("ties by index", async () => {
    const equal = mapValues(SMALL, () => 3);
    const options = { factors: 1, biases: false, initialScale: 1e-30, epochs: 1, clip: false };
    const model = await new MatrixFactorization(options).fit(equal);
    const seen = new Set([...SMALL].filter((each) => each.userId === 5).map(({ itemId }) => itemId));
    const unseen = [...SMALL.items].filter((itemId) => !seen.has(itemId));
    expect(model.recommend(5, { count: 7 }).map(({ itemId }) => itemId)).toEqual(unseen.slice(0, 7));
  });

  test("what lies beyond the range keeps its order, with clipped scores", async () => {
    const options = { factors: 16, epochs: 60, regularization: 0, damping: 0, learningRate: 0.1 };
    const clipped = await new MatrixFactorization(options).fit(SMALL);
    const free = await new MatrixFactorization({ ...options, clip: false }).fit(SMALL);
    const numBeyond = (userId: Id): number =>
      free.recommend(userId, { count: 40 }).filter(({ score }) => score > SMALL.maximum).length;
    const userId = [...SMALL.users].toSorted((a, b) => numBeyond(b) - numBeyond(a))[0]!;
    expect(numBeyond(userId)).toBeGreaterThan(1);
    const all = free.recommend(userId, { count: 40 });
    expect(clipped.recommend(userId, { count: 40 })).toEqual(
      all.map(({ itemId, score }) => ({ itemId, score: Math.min(Math.max(score, SMALL.minimum), SMALL.maximum) })),
    );
  });

  test("for one who is unknown, the items of the highest bias, and never NaN", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 5, clip: false }).fit(SMALL);
    const best = [...model.itemBias.keys()].toSorted((a, b) => model.itemBias[b]! - model.itemBias[a]!).slice(0, 10);
    const recommended = model.recommend("nobody");
    expect(recommended.map(({ itemId }) => model.items.indexOf(itemId))).toEqual(best);
    expect(recommended.map(({ score }) => score)).toEqual(
      best.map((at) => Math.fround(model.offset + model.itemBias[at]!)),
    );
  });

  test("nothing for one who has seen all", async () => {
    const ratings = Interactions.fromObjects(
      [1, 2, 3].flatMap((userId) => [1, 2, 3].map((itemId) => ({ userId, itemId, value: userId + itemId }))),
    );
    const model = await new MatrixFactorization({ factors: 2 }).fit(ratings);
    expect(model.recommend(2)).toEqual([]);
  });
});

describe("a life", () => {
  test("use before fit", () => {
    const model = new MatrixFactorization();
    const message = "the model has not been fitted; call fit first";
    expect(() => model.predict(1, 2)).toThrow(message);
    expect(() => model.recommend(1)).toThrow(message);
    expect(() => model.users).toThrow(message);
    expect(() => model.userFactors).toThrow(message);
    expect(() => model.itemBias).toThrow(message);
    expect(() => model.offset).toThrow(message);
  });

  test("use after dispose; dispose twice; fit after dispose", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 1 }).fit(SMALL);
    model.dispose();
    model.dispose();
    expect(() => model.predict(1, 2)).toThrow("the model has been disposed");
    expect(() => model.recommend(1)).toThrow("the model has been disposed");
    await expect(model.fit(SMALL)).rejects.toThrow("the model has been disposed");
    const unused = new MatrixFactorization();
    unused.dispose();
    await expect(unused.fit(SMALL)).rejects.toThrow("the model has been disposed");
  });

  test("dispose by Symbol.dispose", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 1 }).fit(SMALL);
    model[Symbol.dispose]();
    expect(() => model.predict(1, 2)).toThrow("the model has been disposed");
  });

  test("dispose during a fit: it rejects and leaves nothing behind", async () => {
    const { arena } = engine();
    const before = arena.bytesInUse;
    const model = new MatrixFactorization({ factors: 4, epochs: 5 });
    const fitting = model.fit(SMALL, { onEpoch: ({ epoch }) => epoch === 2 && model.dispose() });
    await expect(fitting).rejects.toThrow("the model has been disposed");
    expect(arena.bytesInUse).toBe(before);
  });

  test("a second fit frees the first, and answers in its place", async () => {
    const { arena } = engine();
    const model = await new MatrixFactorization({ factors: 4, epochs: 1 }).fit(SMALL);
    const { bytesInUse } = arena;
    await model.fit(SMALL);
    expect(arena.bytesInUse).toBe(bytesInUse);
    await model.fit(Interactions.fromObjects([{ userId: "new", itemId: "thing", value: 2 }]));
    expect(model.users.toArray()).toEqual(["new"]);
    expect(model.predict("new", "thing")).toBe(2);
    model.dispose();
  });
});
