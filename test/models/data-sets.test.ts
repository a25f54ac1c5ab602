/** How well the defaults do on public data: `LOWRANK_DATA` is a folder with ml-latest-small/ and libmf-demo/. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { MatrixFactorizationOptions } from "../../src/models/matrix-factorization-options.js";
import { mapValues, rmseOf } from "./ratings.js";

const folder = process.env.LOWRANK_DATA;
const skipped = folder ? "" : " (skipped: LOWRANK_DATA names no folder of data sets)";

async function testRmse(
  train: Interactions,
  test: Interactions,
  options: Partial<MatrixFactorizationOptions>,
): Promise<number> {
  const model = await new MatrixFactorization(options).fit(train);
  const rmse = rmseOf(model, test);
  model.dispose();
  return rmse;
}

describe.skipIf(!folder)(`ml-latest-small${skipped}`, () => {
  const read = (): Promise<Interactions> => Interactions.fromCsv(join(folder!, "ml-latest-small", "ratings.csv"));

  /** The mean test RMSE of five 90/10 splits, split and model by the same seed. */
  async function meanRmse(ratings: Interactions, options: Partial<MatrixFactorizationOptions>): Promise<number> {
    let sum = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const { train, test } = ratings.split({ testFraction: 0.1, seed });
      sum += await testRmse(train, test, { ...options, seed });
    }
    return sum / 5;
  }

  // Measured: .8396, .8355, .8352 and .8355.
  test.each([
    ["the defaults", {}, 0.86],
    ["128 factors, 60 epochs", { factors: 128, epochs: 60 }, 0.853],
    ["adagrad", { optimizer: "adagrad" }, 0.86],
    ["adam", { optimizer: "adam" }, 0.86],
  ] as const)("%s", async (_, options, bound) => {
    const rmse = await meanRmse(await read(), options);
    expect(rmse).toBeLessThanOrEqual(bound);
  });

  test("the defaults do as well on any rating scale", async () => {
    const ratings = await read();
    const { train, test } = ratings.split({ testFraction: 0.1, seed: 1 });
    const plain = await testRmse(train, test, {});
    const span = ratings.maximum - ratings.minimum;
    for (const [lowest, highest] of [
      [0, 1],
      [1, 100],
      [-10, 10],
    ] as const) {
      const factor = (highest - lowest) / span;
      const change = (value: number): number => lowest + (value - ratings.minimum) * factor;
      const rmse = await testRmse(mapValues(train, change), mapValues(test, change), {});
      expect(rmse / factor / plain).toBeCloseTo(1, 3);
    }
  });
});

test.skipIf(!folder)(`LIBMF's demo of real values${skipped}`, async () => {
  const read = (part: string): Promise<Interactions> =>
    Interactions.fromCsv(join(folder!, "libmf-demo", `real_matrix.${part}.txt`), { separator: " ", header: false });
  const rmse = await testRmse(await read("tr"), await read("te"), {});
  expect(rmse).toBeLessThanOrEqual(0.92); // measured: .9100
});

describe.skipIf(!folder)(`ml-latest-small, users and time${skipped}`, () => {
  const read = (): Promise<Interactions> => Interactions.fromCsv(join(folder!, "ml-latest-small", "ratings.csv"));

  test("a user who is folded in from their own ratings is told what the stored one is", async () => {
    const ratings = await read();
    const model = await new MatrixFactorization().fit(ratings);
    const { matrix, users, items } = ratings;
    const allItems = items.toArray();
    let [same, squares] = [0, 0];
    for (const userId of users) {
      const row = users.indexOf(userId);
      const [begin, end] = [matrix.offsets[row]!, matrix.offsets[row + 1]!];
      const folded = model.foldIn(
        Array.from(matrix.columns.subarray(begin, end), (column, at) => ({
          itemId: items.idAt(column),
          value: matrix.values[begin + at]!,
        })),
      );
      const stored = new Set(model.recommend(userId).map(({ itemId }) => itemId));
      same += model.recommend(folded).filter(({ itemId }) => stored.has(itemId)).length;
      const some = allItems.filter((_, column) => (column + row) % 97 === 0);
      const scores = some.map((itemId) => model.predict(folded, itemId) - model.predict(userId, itemId));
      squares += scores.reduce((sum, error) => sum + error * error, 0) / some.length;
    }
    model.dispose();
    expect(same / users.size).toBeGreaterThanOrEqual(8.5); // measured: 8.86
    expect(Math.sqrt(squares / users.size)).toBeLessThanOrEqual(0.03); // measured: .0224
  });

  test.each([0.7, 0.8])("what partialFit adds to %d is worth a fit of everything until then", async (share) => {
    const { train: known, test: future } = (await read()).splitByTime({ testFraction: 0.1 });
    const { train: first, test: rest } = known.splitByTime({ testFraction: 1 - share / 0.9 });
    const full = await testRmse(known, future, {});
    const model = await new MatrixFactorization().fit(first);
    const before = rmseOf(model, future);
    await model.partialFit(rest);
    const grown = rmseOf(model, future);
    model.dispose();
    expect(grown).toBeLessThan(before);
    expect(grown / full).toBeLessThanOrEqual(1.01); // measured: .998
  });
});
