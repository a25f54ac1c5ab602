import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type SyntheticOptions, syntheticRatings } from "../../src/data/synthetic.js";

const SMALL: Partial<SyntheticOptions> = { numUsers: 300, numItems: 200, numRatings: 9001, seed: 7 };

function hashOf(options: Partial<SyntheticOptions>): string {
  const { offsets, columns, values } = syntheticRatings(options).interactions.matrix;
  const hash = createHash("sha256");
  for (const array of [offsets, columns, values]) hash.update(new Uint8Array(array.buffer));
  return hash.digest("hex").slice(0, 16);
}

function itemCounts(columns: Uint32Array, numItems: number): Uint32Array {
  const counts = new Uint32Array(numItems);
  for (const item of columns) counts[item]!++;
  return counts;
}

for (const [numUsers, numItems, numRatings] of [
  [1, 1, 1],
  [1, 7, 7],
  [7, 1, 5],
  [300, 200, 9001],
  [50, 40, 2000], // every pair
  [50, 40, 1999],
  [97, 13, 97],
  [13, 97, 97],
] as const) {
  test(`${numRatings} ratings of ${numUsers} × ${numItems}: exact, distinct, in rows, everyone there`, () => {
    const { interactions } = syntheticRatings({ numUsers, numItems, numRatings, seed: 3 });
    const { offsets, columns, values } = interactions.matrix;
    expect([interactions.numUsers, interactions.numItems, interactions.size]).toEqual([numUsers, numItems, numRatings]);
    for (let user = 0; user < numUsers; user++) {
      if (numRatings >= numUsers) expect(offsets[user + 1]!).toBeGreaterThan(offsets[user]!);
      for (let entry = offsets[user]! + 1; entry < offsets[user + 1]!; entry++) {
        expect(columns[entry]!).toBeGreaterThan(columns[entry - 1]!);
      }
    }
    if (numRatings >= numItems) expect(Math.min(...itemCounts(columns, numItems))).toBeGreaterThan(0);
    expect(values.every((value) => value >= 1 && value <= 5 && value * 2 === Math.round(value * 2))).toBe(true);
  });
}

test("fewer ratings than users and items: some have none, the total is exact", () => {
  const { interactions } = syntheticRatings({ numUsers: 500, numItems: 400, numRatings: 60, seed: 3 });
  expect(interactions.size).toBe(60);
  expect(interactions.numUsers).toBe(500);
});

test("a seed gives the same bits, on every engine; another seed others", () => {
  expect(hashOf(SMALL)).toBe("1c29194fbd3dacc6");
  expect(hashOf({ ...SMALL, step: 0, userTail: 1.3, itemTail: 0.7 })).toBe("25cd68df9702243f");
  expect(hashOf({ ...SMALL, seed: 8 })).not.toBe(hashOf(SMALL));
  expect(hashOf({ ...SMALL, seed: 7 + 2 ** 32 })).not.toBe(hashOf(SMALL));
});

test("activity and popularity have a tail; an exponent of 0 has none", () => {
  const sizes = { numUsers: 2000, numItems: 1000, numRatings: 60_000 };
  const counts = itemCounts(syntheticRatings(sizes).interactions.matrix.columns, 1000).sort().reverse();
  expect(counts.subarray(0, 100).reduce((sum, count) => sum + count, 0) / 60_000).toBeGreaterThan(0.45);
  expect(counts[0]! / counts[500]!).toBeGreaterThan(10);
  const flat = syntheticRatings({ ...sizes, userTail: 0, itemTail: 0 }).interactions.matrix;
  expect(new Set(flat.offsets.map((offset, user) => (user === 0 ? 30 : offset - flat.offsets[user - 1]!)))).toEqual(
    new Set([30]),
  );
  expect(Math.max(...itemCounts(flat.columns, 1000))).toBeLessThan(110); // 60 expected
});

test("popular items are rated higher", () => {
  const { offsets, columns, values } = syntheticRatings({ seed: 2 }).interactions.transposed;
  const items = Array.from({ length: 500 }, (_, item) => {
    const ratings = values.subarray(offsets[item]!, offsets[item + 1]!);
    return { count: ratings.length, mean: ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length };
  }).sort((a, b) => b.count - a.count);
  const mean = (part: typeof items) => part.reduce((sum, item) => sum + item.mean, 0) / part.length;
  expect(columns.length).toBe(50_000);
  expect(mean(items.slice(0, 100)) - mean(items.slice(-100))).toBeGreaterThan(0.4);
});

test("the noise floor is the RMSE of the expectation, recomputed from the planted arrays", () => {
  const { interactions, noiseFloor, planted } = syntheticRatings(SMALL);
  const { offsets, columns, values } = interactions.matrix;
  let squares = 0;
  for (let user = 0; user < 300; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const item = columns[entry]!;
      let truth = planted.mean + planted.userBiases[user]! + planted.itemBiases[item]!;
      for (let factor = 0; factor < 8; factor++) {
        truth += planted.userFactors[user * 8 + factor]! * planted.itemFactors[item * 8 + factor]!;
      }
      truth = Math.min(5, Math.max(1, truth));
      expect(planted.expected(user, item)).toBe(truth);
      squares += (values[entry]! - truth) ** 2;
    }
  }
  expect(noiseFloor).toBeCloseTo(Math.sqrt(squares / 9001), 12);
  expect(noiseFloor).toBeGreaterThan(0.62); // noise 0.7, some of it cut off at the ends of the scale
  expect(noiseFloor).toBeLessThan(0.74);
});

test("without noise and steps the ratings are the truth", () => {
  expect(syntheticRatings({ ...SMALL, noise: 0, step: 0 }).noiseFloor).toBeLessThan(1e-6);
});

test("far from the ends of a scale, the noise floor is the noise", () => {
  const { noiseFloor, planted, interactions } = syntheticRatings({ scale: [-1000, 1000], step: 0, noise: 3 });
  expect(noiseFloor).toBeCloseTo(3, 1);
  expect(planted.mean).toBeCloseTo(100);
  expect(interactions.standardDeviation).toBeGreaterThan(300);
});

test("the share of the biases", () => {
  const all = syntheticRatings({ ...SMALL, biasShare: 1 }).planted;
  expect(all.userFactors.every((factor) => factor === 0)).toBe(true);
  const none = syntheticRatings({ ...SMALL, biasShare: 0 }).planted;
  expect(none.userBiases.every((bias) => bias === 0)).toBe(true);
  expect(none.itemBiases.every((bias) => bias === 0)).toBe(true);
});

test("ids are numbers from 1, or names", () => {
  const numbers = syntheticRatings(SMALL).interactions;
  expect([numbers.users.idAt(0), numbers.items.idAt(199), numbers.users.indexOf(300)]).toEqual([1, 200, 299]);
  const names = syntheticRatings({ ...SMALL, names: true }).interactions;
  expect([names.users.idAt(16), names.items.indexOf("item-42")]).toEqual(["user-17", 41]);
});

for (const [options, message] of [
  [{ numUser: 3 }, 'syntheticRatings: unknown option "numUser"; did you mean "numUsers"?'],
  [{ numUsers: 0 }, "numUsers must be a whole number in [1, 16777216], got 0"],
  [{ numItems: 2.5 }, "numItems must be a whole number in [1, 2097152], got 2.5"],
  [{ numUsers: 3, numItems: 4, numRatings: 13 }, "numRatings must be a whole number in [1, 12], got 13"],
  [{ factors: 0 }, "factors must be a whole number in [1, 1024], got 0"],
  [{ noise: -1 }, "noise must be a number ≥ 0, got -1"],
  [{ scale: [5, 1] }, "scale must be [min, max] with min < max, got [5,1]"],
  [{ scale: "1-5" }, 'scale must be [min, max] with min < max, got "1-5"'],
  [{ step: 0.3 }, "step must be 0 or a whole part of the scale's width 4, got 0.3"],
  [{ step: Number.NaN }, "step must be a number ≥ 0, got NaN"],
  [{ userTail: -1 }, "userTail must be a number in [0, 10], got -1"],
  [{ itemTail: 11 }, "itemTail must be a number in [0, 10], got 11"],
  [{ biasShare: 2 }, "biasShare must be a number in [0, 1], got 2"],
  [{ names: "yes" }, 'names must be true or false, got "yes"'],
  [{ seed: -1 }, "seed must be a whole number in [0, 2^53 − 1], got -1"],
] as const) {
  test(`tells: ${message}`, () => {
    expect(() => syntheticRatings(options as Partial<SyntheticOptions>)).toThrow(message);
  });
}
