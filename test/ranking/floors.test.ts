import { describe, expect, test } from "vitest";
import { floatBelow, floorOf } from "../../src/ranking/scores.js";

const LARGEST = 3.4028234663852886e38;
const SMALLEST = 1.401298464324817e-45;
const SMALLEST_NORMAL = 1.1754943508222875e-38;

/** The next f32 above an f32. */
function floatAbove(value: number): number {
  const words = new Uint32Array(1);
  const floats = new Float32Array(words.buffer);
  floats[0] = value === 0 ? 0 : value; // −0 has the neighbours of 0
  words[0]! += floats[0] < 0 ? -1 : 1;
  return floats[0]!;
}

describe("floatBelow", () => {
  test.each([
    [1, 0.9999999403953552],
    [-1, -1.0000001192092896],
    [0.1, 0.09999999403953552], // the f32 nearest to .1 is above it
    [0.7, 0.699999988079071], // and that nearest to .7 below
    [3.5, 3.499999761581421],
    [0, -SMALLEST],
    [-0, -SMALLEST],
    [SMALLEST, 0],
    [-SMALLEST, -2 * SMALLEST],
    [1e-60, 0], // rounds to 0, which is below it
    [-1e-60, -SMALLEST], // rounds to −0, which is not
    [SMALLEST_NORMAL, SMALLEST_NORMAL - SMALLEST],
    [Infinity, LARGEST],
    [1e300, LARGEST],
    [LARGEST, 3.4028232635611926e38],
    [-LARGEST, -Infinity],
    [-1e300, -Infinity],
    [-Infinity, -Infinity],
  ])("%f: %f", (value, expected) => {
    expect(floatBelow(value)).toBe(expected);
  });

  test("is below, and the f32 next to it is not", () => {
    for (let exponent = -160; exponent <= 120; exponent += 1.7) {
      for (const mantissa of [1, 1.1, 1.3333333, 1.9999999, Math.fround(1.7), 1 + 2 ** -23, 1 + 2 ** -24]) {
        for (const value of [mantissa * 2 ** exponent, -mantissa * 2 ** exponent]) {
          for (const each of [value, Math.fround(value)]) {
            expect(floatBelow(each)).toBeLessThan(each);
            expect(floatAbove(floatBelow(each))).toBeGreaterThanOrEqual(each);
          }
        }
      }
    }
  });
});

describe("floorOf", () => {
  test.each<[minimum: number, range: [number, number], floor: number | undefined]>([
    [-Infinity, [1, 5], -Infinity],
    [0.9, [1, 5], -Infinity],
    [1, [1, 5], -Infinity], // a lower score becomes 1
    [1.5, [1, 5], floatBelow(1.5)],
    [5, [1, 5], floatBelow(5)], // a higher score becomes 5
    [5.000001, [1, 5], undefined],
    [Infinity, [1, 5], undefined],
    [Infinity, [-Infinity, Infinity], LARGEST],
    [-Infinity, [-Infinity, Infinity], -Infinity],
    [-1e300, [-Infinity, Infinity], -Infinity],
    [0, [-Infinity, 0], -SMALLEST],
    [-0, [-Infinity, 0], -SMALLEST],
    [0, [0, 0], -Infinity],
    [3, [3, 3], -Infinity],
    [3.1, [3, 3], undefined],
    [Math.fround(0.1), [0.1, 0.7], -Infinity], // a lower score becomes the f32 nearest to .1, which is above it
    [0.7, [0.1, 0.7], undefined], // no score becomes more than the f32 nearest to .7, which is below it
  ])("at least %f in [%f]", (minimum, range, floor) => {
    expect(floorOf(minimum, range)).toBe(floor);
  });
});
