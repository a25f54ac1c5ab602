import { afterAll, expect, test } from "vitest";
import {
  cosineModel,
  queryScratch,
  type RankingModel,
  recommendMany,
  recommendOne,
} from "../../bench/baselines/recommend.js";
import { checkNearList, checkSameList, listsChecksum, listsOf, sampled } from "../../bench/harness/lists.js";
import { openPeak } from "../../bench/harness/peak.js";
import { quantile } from "../../bench/harness/statistics.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { MatrixFactorization } from "../../src/index.js";

// primes, so that neither users nor items fill the last tile or block; more items than a block of the baseline has
const { interactions } = syntheticRatings({ numUsers: 101, numItems: 211, numRatings: 4001, seed: 3 });
const model = await new MatrixFactorization({ factors: 8, epochs: 2, seed: 1, clip: false }).fit(interactions);
afterAll(() => model.dispose());

const ranking: RankingModel = {
  stride: 8,
  userFactors: model.userFactors.values.slice(),
  itemFactors: model.itemFactors.values.slice(),
  userBiases: model.userBias.slice(),
  itemBiases: model.itemBias.slice(),
  offset: model.offset,
  seen: interactions.matrix,
};
const everyUser = Uint32Array.from({ length: 101 }, (_, user) => user);

test.each([1, 10, 211, 500])("plain JavaScript gives recommendAll's lists of %i", async (count) => {
  const lists = recommendMany(ranking, everyUser, count);
  const rankings = await model.recommendAll({ count });
  expect(lists.width).toBe(rankings.width);
  for (const user of everyUser) checkNearList("js", lists, user, listsOf(rankings), user);
});

test("one user at a time, and users out of order, get the same lists", () => {
  const lists = recommendMany(ranking, everyUser, 7);
  const scratch = queryScratch(211);
  for (const user of everyUser) checkNearList("one", recommendOne(ranking, scratch, user, 7), 0, lists, user, 1e-9);
  const some = recommendMany(ranking, Uint32Array.of(100, 3, 3, 57), 7);
  [100, 3, 3, 57].forEach((user, at) => {
    checkNearList("some", some, at, lists, user, 0);
  });
});

test("equal scores keep the order of the items", () => {
  const zero = { ...ranking, itemFactors: new Float32Array(211 * 8), itemBiases: new Float32Array(211) };
  const nothing = { ...zero, seen: { offsets: new Uint32Array(102), columns: new Uint32Array(0) } };
  expect([...recommendMany(nothing, Uint32Array.of(5), 4).indices]).toEqual([0, 1, 2, 3]);
});

test("plain JavaScript gives similarItemsAll's lists", async () => {
  const rankings = await model.similarItemsAll({ count: 5 });
  const items = Uint32Array.from({ length: 211 }, (_, item) => item);
  const lists = recommendMany(cosineModel(ranking.itemFactors, 8), items, 5);
  for (const item of items) checkNearList("js", lists, item, listsOf(rankings), item);
});

test("checks of lists see what is wrong", async () => {
  const rankings = await model.recommendAll({ count: 5 });
  const single = model.recommend(model.users.idAt(9), { count: 5 });
  const check = () => checkSameList("lists", rankings, 9, model.items, single);
  expect(check).not.toThrow();
  const before = listsChecksum(listsOf(rankings));
  const lists = recommendMany(ranking, everyUser, 5);
  rankings.itemIndices[9 * 5 + 1]! ^= 1;
  expect(check).toThrow("lists: list 9 must be");
  expect(() => checkNearList("js", listsOf(rankings), 9, lists, 9)).toThrow(/js: list 9 must not have the item \d+/);
  expect(listsChecksum(listsOf(rankings))).not.toBe(before);
  lists.scores[8 * 5] = 0;
  expect(() => checkNearList("js", listsOf(rankings), 8, lists, 8)).toThrow(
    "js: list 8 must have the score 0 at rank 0",
  );
});

test("what is checked is spread evenly, and quantiles are of the numbers", () => {
  expect([...sampled(10, 3)]).toEqual([0, 3, 6, 9]);
  expect([...sampled(2, 5)]).toEqual([0, 1]);
  const numbers = [3, 1, 2, 4];
  expect([quantile(numbers, 0.5), quantile(numbers, 0.99), quantile(numbers, 0.001)]).toEqual([2, 4, 1]);
});

test.each(["strict", "relaxed"] as const)("the %s peak is a number of GFLOP/s", async (variant) => {
  const measure = await openPeak(variant, 0.5);
  if (!measure) return expect(variant).toBe("relaxed"); // an engine without relaxed SIMD
  const gflops = measure();
  expect(gflops).toBeGreaterThan(0.1);
  expect(gflops).toBeLessThan(10_000);
});
