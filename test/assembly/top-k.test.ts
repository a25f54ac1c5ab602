import { describe, expect, test } from "vitest";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { randomOf } from "./rating-pass.js";

/** The best first, equal scores by index; only those above the floor. */
function selectTwin(
  scores: ArrayLike<number>,
  count: number,
  floor = Number.NEGATIVE_INFINITY,
): { indices: number[]; scores: number[] } {
  const order = Array.from({ length: scores.length }, (_, index) => index)
    .filter((index) => scores[index]! > floor)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, count);
  return { indices: order, scores: order.map((index) => scores[index]!) };
}

const SIZES = [0, 1, 2, 3, 5, 7, 13, 31, 97, 1000];

describe.each(VARIANTS)("selectTop, %s", (variant) => {
  const select = (scores: ArrayLike<number>, count: number, floor = -Infinity) => {
    const memory = new KernelMemory(variant);
    const input = memory.float32(scores);
    const given = input.view.slice();
    const indices = memory.uint32(count);
    const topScores = memory.float32(count);
    const found = memory.kernels.selectTop(scores.length, count, floor, input.ptr, indices.ptr, topScores.ptr);
    expect(memory.touchedCanaries()).toEqual([]);
    expect(input.view).toEqual(given);
    return { indices: [...indices.view.subarray(0, found)], scores: [...topScores.view.subarray(0, found)] };
  };

  const countsFor = (size: number): number[] => [
    ...new Set([0, 1, 2, 10, size - 1, size, size + 5].filter((count) => count >= 0)),
  ];

  /** Ways to make scores: which of them tie, and how they come. */
  const SCORES: [name: string, make: (size: number) => number[]][] = [
    [
      "all different",
      (size) => {
        const random = randomOf(size);
        return Array.from({ length: size }, () => Math.fround(random.nextUniform() * 20 - 10));
      },
    ],
    [
      "many equal",
      (size) => {
        const random = randomOf(size);
        return Array.from({ length: size }, () => random.nextBelow(4));
      },
    ],
    ["all equal", (size) => new Array<number>(size).fill(2.5)],
    ["rising", (size) => Array.from({ length: size }, (_, index) => index)],
    ["falling", (size) => Array.from({ length: size }, (_, index) => -index)],
    [
      "every third left out",
      (size) => Array.from({ length: size }, (_, index) => (index % 3 ? index % 10 : -Infinity)),
    ],
    ["all left out", (size) => new Array<number>(size).fill(-Infinity)],
    ["with infinities", (size) => Array.from({ length: size }, (_, index) => (index % 4 === 1 ? Infinity : index))],
  ];

  test.each(SCORES)("as a sort: %s", (_, make) => {
    for (const size of SIZES) {
      const scores = make(size);
      for (const count of countsFor(size)) expect(select(scores, count)).toEqual(selectTwin(scores, count));
    }
  });

  test.each(SCORES)("above a floor: %s", (_, make) => {
    for (const size of [1, 4, 5, 31, 97, 98, 99, 100]) {
      const scores = make(size);
      for (const floor of [-1e30, -3, 0, 2, 2.5, 7, 9, 1e30, Infinity]) {
        for (const count of [1, 2, 10, size + 5]) {
          expect(select(scores, count, floor)).toEqual(selectTwin(scores, count, floor));
        }
      }
    }
  });

  test("a score that is the floor does not count, the next one does", () => {
    const above = 2.5000002384185791; // the next f32
    expect(select([2.5, above, 2.5, 1, above], 5, 2.5)).toEqual({ indices: [1, 4], scores: [above, above] });
    expect(select([0, -0, 1e-45], 3, 0)).toEqual({ indices: [2], scores: [Math.fround(1e-45)] });
    expect(select([0, -0, 1e-45], 3, -0)).toEqual({ indices: [2], scores: [Math.fround(1e-45)] });
  });

  test("never more than asked for, never padded", () => {
    expect(select([1, -Infinity, 3], 3)).toEqual({ indices: [2, 0], scores: [3, 1] });
    expect(select([], 4)).toEqual({ indices: [], scores: [] });
  });

  test("0 and −0 tie, by index", () => {
    expect(select([-0, 0, -0, 1], 3).indices).toEqual([3, 0, 1]);
  });

  test("a NaN is left out", () => {
    expect(select([1, Number.NaN, 3, Number.NaN], 4)).toEqual({ indices: [2, 0], scores: [3, 1] });
    expect(select([1, Number.NaN, 3, Number.NaN, Number.NaN, 2], 4, 1)).toEqual({ indices: [2, 5], scores: [3, 2] });
    expect(select(new Array<number>(9).fill(Number.NaN), 4, -1).indices).toEqual([]);
  });
});
