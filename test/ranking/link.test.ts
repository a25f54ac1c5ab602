import { describe, expect, test } from "vitest";
import { END_SHARE, hyperbolicTangent, IDENTITY, type Link, logistic, rectified } from "../../src/ranking/link.js";
import { randomOf } from "../assembly/rating-pass.js";

/** The equations in f64, by the host's functions. */
const LINKS: readonly (readonly [link: Link, twin: (raw: number) => number, ends: readonly [number, number]])[] = [
  [IDENTITY, (raw) => raw, [-Infinity, Infinity]],
  [logistic(1, 5), (raw) => 1 + 4 / (1 + Math.exp(-raw)), [1, 5]],
  [logistic(-0.7, 0.1), (raw) => -0.7 + 0.8 / (1 + Math.exp(-raw)), [Math.fround(-0.7), Math.fround(0.1)]],
  [hyperbolicTangent(0, 10), (raw) => 5 * (1 + Math.tanh(raw)), [0, 10]],
  [hyperbolicTangent(0.5, 5), (raw) => 0.5 + 2.25 * (1 + Math.tanh(raw)), [0.5, 5]],
  [rectified(1, 2.5), (raw) => 1 + 2.5 * Math.max(0, raw), [1, Infinity]],
];

const LARGEST = 3.4028234663852886e38;
const EXTREMES = [-Infinity, -LARGEST, -800, -104, -1e-45, -0, 0, 1e-45, 104, 800, LARGEST, Infinity];

const described = LINKS.map(
  ([link, ...rest]) => [`${link.name} ${JSON.stringify(link.named)}`, link, ...rest] as const,
);

describe.each(described)("%s", (_, link, twin, [lowest, highest]) => {
  const random = randomOf(1);
  const raws = Float32Array.from({ length: 20_000 }, (_, at) => (2 * random.nextUniform() - 1) * 10 ** ((at % 12) - 9));

  test("is its equation, to the rounding of f32", () => {
    const given = raws.slice();
    const ratings = link.apply(given);
    expect(ratings).toBe(given);
    for (const [at, rating] of ratings.entries()) {
      const expected = twin(raws[at]!);
      expect(Math.abs(rating - expected)).toBeLessThanOrEqual(1.00001 * 2 ** -24 * Math.abs(expected) + 1e-15);
    }
  });

  test("never falls", () => {
    const bits = [0.001, 1, 4, 16].flatMap((from) => {
      const first = new Uint32Array(Float32Array.of(from).buffer)[0]!;
      return Array.from({ length: 3000 }, (_, step) => first + step);
    });
    const floats = new Float32Array(Uint32Array.from(bits).buffer); // one next to the other
    const rising = Float32Array.from([...raws, ...EXTREMES, ...floats, ...floats.map((x) => -x)]).sort();
    const ratings = link.apply(rising);
    for (let at = 1; at < ratings.length; at++) expect(ratings[at]! >= ratings[at - 1]!).toBe(true);
  });

  test("is within its ends, and reaches them", () => {
    const ratings = [...link.apply(Float32Array.from(EXTREMES))];
    expect(ratings.every((rating) => rating >= lowest && rating <= highest)).toBe(true);
    expect([ratings[0], ratings.at(-1)]).toEqual([lowest, highest]);
  });

  test("its inverse is the raw score of a rating, and finite whatever the rating", () => {
    for (let at = 0; at <= 200; at++) {
      const [from, to] = [Number.isFinite(lowest) ? lowest : -9, Number.isFinite(highest) ? highest : 9];
      const share = END_SHARE * 1.001 + ((1 - 2.002 * END_SHARE) * at) / 200;
      const rating = from + share * (to - from);
      expect(Math.abs(twin(link.inverse(rating)) - rating)).toBeLessThan(1e-6);
      expect(link.inverse(rating)).toBeGreaterThanOrEqual(link.inverse(rating - 0.01));
    }
    for (const rating of [-1e15, -1, 0, 1, 5, 10, 1e15]) expect(Number.isFinite(link.inverse(rating))).toBe(true);
  });
});

describe("inverses at the ends", () => {
  test("of bounded links: of what is END_SHARE of the range inside", () => {
    for (const [link, slope] of [
      [logistic(1, 5), 1],
      [hyperbolicTangent(1, 5), 2],
    ] as const) {
      const end = Math.log((1 - END_SHARE) / END_SHARE) / slope;
      for (const rating of [5, 5 - 3.9 * END_SHARE, 6, 1e15]) expect(link.inverse(rating)).toBeCloseTo(end, 14);
      for (const rating of [1, 1 + 3.9 * END_SHARE, 0, -1e15]) expect(link.inverse(rating)).toBeCloseTo(-end, 14);
      expect(link.inverse(3)).toBe(0);
    }
  });

  test("of the rectified one: 0 at the lowest and below", () => {
    const link = rectified(1, 2);
    expect([-5, 0.999, 1, 1.5, 5].map((rating) => link.inverse(rating))).toEqual([0, 0, 0, 0.25, 2]);
  });

  test("of a range of one rating: it is always given, and its raw score is 0", () => {
    for (const link of [logistic(3, 3), hyperbolicTangent(3, 3)]) {
      expect([...link.apply(Float32Array.from(EXTREMES))]).toEqual(EXTREMES.map(() => 3));
      expect([2, 3, 4].map(link.inverse)).toEqual([0, 0, 0]);
    }
  });
});

test("tell of themselves what makes them", () => {
  expect(LINKS.map(([{ name, named }]) => [name, named])).toEqual([
    ["identity", {}],
    ["logistic", { link_lowest: 1, link_highest: 5 }],
    ["logistic", { link_lowest: -0.7, link_highest: 0.1 }],
    ["hyperbolicTangent", { link_lowest: 0, link_highest: 10 }],
    ["hyperbolicTangent", { link_lowest: 0.5, link_highest: 5 }],
    ["rectified", { link_lowest: 1, link_scale: 2.5 }],
  ]);
});

test("are of ends in order, and of a scale above 0", () => {
  for (const make of [logistic, hyperbolicTangent]) {
    expect(() => make(5, 1)).toThrow(new RangeError("highest must be a number in [5, 1000000000000000], got 1"));
    expect(() => make(-Infinity, 1)).toThrow("lowest must be a number in [-1000000000000000, 1000000000000000], got");
    expect(() => make(1, Number.NaN)).toThrow("highest must be a number in [1, 1000000000000000], got NaN");
  }
  expect(() => rectified(1, 0)).toThrow(new RangeError("scale must be a number > 0, got 0"));
  expect(() => rectified(Number.NaN, 1)).toThrow("lowest must be a number in [-1000000000000000");
});

test("have the bits they have everywhere", () => {
  const raws = Float32Array.from({ length: 4001 }, (_, at) => (at - 2000) / 97);
  const hashes = LINKS.slice(1).map(([link]) => {
    const words = new Uint32Array(link.apply(raws.slice()).buffer);
    return words.reduce((hash, word) => (Math.imul(hash, 31) + word) >>> 0, 0).toString(16);
  });
  expect(hashes).toEqual(["1da2be58", "55329a21", "8a9d2c37", "6b5b5e2e", "7d91ef12"]);
  const inverses = LINKS.slice(1).map(([link]) => [1.3, 4.1].map(link.inverse));
  expect(inverses).toEqual([
    [-2.512305623976115, 1.2367626271489263],
    [3.8918202981106256, 3.8918202981106256],
    [-0.9504793805965234, -0.181982688600706],
    [-0.7657381854821942, 0.6931471805599451],
    [0.12000000000000002, 1.2399999999999998],
  ]);
});
