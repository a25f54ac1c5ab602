import { expect, test } from "vitest";
import { exactPower } from "../../src/data/exact-math.js";
import { AliasTable, apportion, DistinctSampler, powerLawWeights } from "../../src/data/popularity.js";
import { RandomStream } from "../../src/data/random.js";

for (const exponent of [0, 0.25, 0.5, 0.9, 1, 1.5, 2.7, 10]) {
  test(`a base to the power ${exponent} by square roots`, () => {
    for (const base of [0.0101, 0.5, 1, 1.01, 7]) {
      expect(exactPower(base, exponent) / base ** exponent).toBeCloseTo(1, 4);
    }
  });
}

test("power-law weights fall, and an exponent of 0 makes all alike", () => {
  const weights = powerLawWeights(1000, 1.5);
  for (let rank = 1; rank < 1000; rank++) expect(weights[rank]!).toBeLessThan(weights[rank - 1]!);
  expect([...powerLawWeights(3, 0)]).toEqual([1, 1, 1]);
});

for (const [total, count, floor, ceiling] of [
  [1000, 10, 1, 1000],
  [1999, 50, 1, 40],
  [2000, 50, 1, 40],
  [50, 50, 1, 40],
  [7, 50, 0, 40],
  [0, 5, 0, 3],
  [6997, 101, 0, 97],
] as const) {
  test(`${total} in ${count} shares of ${floor} to ${ceiling}`, () => {
    for (const exponent of [0, 0.5, 1, 3, 10]) {
      const shares = apportion(total, powerLawWeights(count, exponent), floor, ceiling);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(floor);
      expect(Math.max(...shares)).toBeLessThanOrEqual(ceiling);
    }
  });
}

test("shares are proportional to within one", () => {
  const weights = powerLawWeights(40, 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = apportion(5000, weights, 0, 5000);
  for (let rank = 0; rank < 40; rank++) {
    expect(Math.abs(shares[rank]! - (5000 * weights[rank]!) / sum)).toBeLessThan(1);
  }
});

test("an alias table draws in proportion to the weights", () => {
  const weights = Float64Array.of(5, 1, 0.5, 3, 0.5);
  const table = new AliasTable(weights);
  const random = new RandomStream(3, 99);
  const counts = new Float64Array(5);
  for (let draw = 0; draw < 100_000; draw++) counts[table.draw(random)]!++;
  for (let position = 0; position < 5; position++) {
    expect(Math.abs(counts[position]! / 10_000 - weights[position]!)).toBeLessThan(0.06); // 4 standard deviations
  }
});

test("an alias table of one", () => {
  expect(new AliasTable(Float64Array.of(0.1)).draw(new RandomStream(1, 99))).toBe(0);
});

test("distinct draws are distinct, up to all of them, and keep what was given", () => {
  const weights = powerLawWeights(60, 8);
  const sampler = new DistinctSampler(weights);
  for (let set = 0; set <= 60; set++) {
    const out = new Uint32Array(60).fill(1000);
    out[0] = 59;
    sampler.fill(out, Math.min(1, set), set, new RandomStream(set, 99));
    expect(new Set(out.subarray(0, set)).size).toBe(set);
    expect(out.subarray(0, set).every((position) => position < 60)).toBe(true);
    if (set > 0) expect(out[0]).toBe(59);
  }
});

test("distinct draws follow the weights of what is left, also once the table is made anew", () => {
  // Successive draws of two from (8, 1, 1): P(0 is left out) = 2 × 0.1 × (1 / 9)
  const sampler = new DistinctSampler(Float64Array.of(8, 1, 1));
  const out = new Uint32Array(2);
  const random = new RandomStream(5, 99);
  let without = 0;
  for (let set = 0; set < 90_000; set++) {
    random.seek(set);
    sampler.fill(out, 0, 2, random);
    if (!out.includes(0)) without++;
  }
  expect(Math.abs(without / 90_000 - 0.2 / 9)).toBeLessThan(0.002);
});
