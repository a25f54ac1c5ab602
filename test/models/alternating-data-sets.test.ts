/** How well the alternating models' defaults do on public data: `LOWRANK_DATA` is a folder with ml-latest-small/. */
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Interactions, type TrainTest } from "../../src/data/interactions.js";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { rmseOf } from "./ratings.js";

const folder = process.env.LOWRANK_DATA;
const skipped = folder ? "" : " (skipped: LOWRANK_DATA names no folder of data sets)";

describe.skipIf(!folder)(`ml-latest-small${skipped}`, () => {
  const read = (): Promise<Interactions> => Interactions.fromCsv(join(folder!, "ml-latest-small", "ratings.csv"));

  test("AlternatingLeastSquares, the mean test RMSE of five 90/10 splits", async () => {
    const ratings = await read();
    let sum = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const { train, test: held } = ratings.split({ testFraction: 0.1, seed });
      const model = await new AlternatingLeastSquares({ seed }).fit(train);
      sum += rmseOf(model, held);
      model.dispose();
    }
    expect(sum / 5).toBeLessThanOrEqual(0.862);
  });

  /** Ratings of 4 and more as ones; of each user the last one by time to find again. */
  async function likings(): Promise<TrainTest> {
    const liked = [...(await read())].filter(({ value }) => value >= 4).map((each) => ({ ...each, value: 1 }));
    return Interactions.fromObjects(liked).leaveOneOut();
  }

  /** Hits and discounted gains of ten places, per user; a list is of item indices, the best first. */
  function metricsOf({ test: held }: TrainTest, listOf: (userIndex: number) => ArrayLike<number>) {
    let [hits, gains] = [0, 0];
    const { numRows, offsets, columns } = held.matrix;
    for (let user = 0; user < numRows; user++) {
      if (offsets[user] === offsets[user + 1]) continue;
      const place = Array.prototype.indexOf.call(listOf(user), columns[offsets[user]!]);
      if (place >= 0) {
        hits++;
        gains += 1 / Math.log2(place + 2);
      }
    }
    return { users: held.size, hitRate: hits / held.size, ndcg: gains / held.size };
  }

  function popularity(split: TrainTest) {
    const { train } = split;
    const counts = new Uint32Array(train.numItems);
    for (const column of train.matrix.columns) counts[column]!++;
    const order = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b);
    return metricsOf(split, (user) => {
      const { offsets, columns } = train.matrix;
      const seen = new Set(columns.subarray(offsets[user], offsets[user + 1]));
      return order.filter((item) => !seen.has(item)).slice(0, 10);
    });
  }

  test("popularity finds the last liking as often as is known", async () => {
    const { users, hitRate, ndcg } = popularity(await likings());
    expect(users).toBe(608);
    expect(hitRate).toBeCloseTo(0.0395, 3);
    expect(ndcg).toBeCloseTo(0.0219, 3);
  });

  test("ImplicitALS finds it 1.7 times as often", async () => {
    const split = await likings();
    const model = new ImplicitALS();
    onTestFinished(() => model.dispose());
    const { itemIndices, width, queryIndices } = await (await model.fit(split.train)).recommendAll({ count: 10 });
    expect(queryIndices[607]).toBe(607);
    const own = metricsOf(split, (user) => itemIndices.subarray(user * width, (user + 1) * width));
    const popular = popularity(split);
    expect(own.hitRate / popular.hitRate).toBeGreaterThanOrEqual(1.7);
    expect(own.ndcg / popular.ndcg).toBeGreaterThanOrEqual(1.7);
  });
});
