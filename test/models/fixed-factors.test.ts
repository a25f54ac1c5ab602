/** Factors that are given: the case of Spark's ALSModel tests, U·I by hand. */
import { expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";

const U = [
  [0, 6, 4],
  [1, 3, 4],
  [2, 3, 6],
] as const;
const I = [
  [3, 5, 6],
  [4, 6, 2],
  [5, 3, 6],
  [6, 4, 1],
] as const;

const ITEMS_OF: Record<number, [item: number, score: number][]> = {
  0: [
    [3, 54],
    [4, 44],
    [5, 42],
    [6, 28],
  ],
  1: [
    [3, 39],
    [5, 33],
    [4, 26],
    [6, 16],
  ],
  2: [
    [3, 51],
    [5, 45],
    [4, 30],
    [6, 18],
  ],
};
const USERS_OF: Record<number, [user: number, score: number][]> = {
  3: [
    [0, 54],
    [2, 51],
    [1, 39],
  ],
  4: [
    [0, 44],
    [2, 30],
    [1, 26],
  ],
  5: [
    [2, 45],
    [0, 42],
    [1, 33],
  ],
  6: [
    [0, 28],
    [2, 18],
    [1, 16],
  ],
};

test.each([1, 2, 3, 4])("the first %d, in both directions, alone and all at once", async (count) => {
  const model = MatrixFactorization.fromFactors({
    userIds: U.map(([id]) => id),
    itemIds: I.map(([id]) => id),
    userFactors: U.flatMap(([, ...factors]) => factors),
    itemFactors: I.flatMap(([, ...factors]) => factors),
  });
  onTestFinished(() => model.dispose());
  const items = await model.recommendAll({ count });
  for (const [row, [user]] of U.entries()) {
    const expected = ITEMS_OF[user]!.slice(0, count);
    expect(model.recommend(user, { count }).map(({ itemId, score }) => [itemId, score])).toEqual(expected);
    const places = Array.from({ length: items.counts[row]! }, (_, place) => row * items.width + place);
    expect(places.map((at) => [model.items.idAt(items.itemIndices[at]!), items.scores[at]])).toEqual(expected);
  }
  const users = await model.recommendUsersAll({ count });
  for (const [row, [item]] of I.entries()) {
    const expected = USERS_OF[item]!.slice(0, count);
    expect(model.recommendUsers(item, { count }).map(({ userId, score }) => [userId, score])).toEqual(expected);
    const places = Array.from({ length: users.counts[row]! }, (_, place) => row * users.width + place);
    expect(places.map((at) => [model.users.idAt(users.userIndices[at]!), users.scores[at]])).toEqual(expected);
  }
  const more = Interactions.fromObjects([{ userId: 0, itemId: 3, value: 1 }]);
  await expect(model.partialFit(more)).rejects.toThrow("partialFit needs the training interactions");
  expect(() => model.explain(0, 3)).toThrow("the model has no training interactions to explain by");
});
