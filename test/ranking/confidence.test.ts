import { describe, expect, test } from "vitest";
import { type Confidence, signedWeights, typicalStrength } from "../../src/ranking/confidence.js";

const LINEAR: Confidence = { kind: "linear", alpha: 3, epsilon: 1, unobservedWeight: 0.5, observed: "added" };
const VALUES = [1, 2.5, 1e-3, 40, -2.5, 0];

function weightsOf(confidence: Partial<Confidence>, values: readonly number[] = VALUES): number[] {
  const weights = new Float32Array(values.length);
  signedWeights({ ...LINEAR, ...confidence }, Float32Array.from(values), weights);
  return [...weights];
}

const rounded = (numbers: readonly number[]): number[] => [...Float32Array.from(numbers)];

describe("the weight of a value", () => {
  test("linear: α|r|, with a minus sign where it is no liking, also before 0", () => {
    const milli = 3 * Math.fround(1e-3);
    expect(weightsOf({})).toEqual(rounded([3, 7.5, milli, 120, -7.5, -0]));
  });

  test("given: |r|, whatever α is", () => {
    expect(weightsOf({ kind: "given" })).toEqual(rounded([1, 2.5, 1e-3, 40, -2.5, -0]));
  });

  test("log: α ln(1 + |r|/ε), the same from any of the units of r", () => {
    const expected = [1, 2.5, Math.fround(1e-3), 40, -2.5, 0].map((value) => {
      return (value > 0 ? 3 : -3) * Math.log(1 + Math.abs(value) / 0.25);
    });
    const weights = weightsOf({ kind: "log", epsilon: 0.25 });
    for (const [at, weight] of weights.entries()) expect(weight).toBeCloseTo(expected[at]!, 6);
    expect(Object.is(weights[5], -0)).toBe(true);
    const scaled = weightsOf(
      { kind: "log", epsilon: 0.25 * 1024 },
      VALUES.map((value) => value * 1024),
    ); // exactly
    expect(scaled).toEqual(weights);
  });

  test("raised: the same as added", () => {
    expect(weightsOf({ observed: "raised" })).toEqual(weightsOf({}));
  });

  test("replaced: less the weight that it replaces", () => {
    expect(weightsOf({ observed: "replaced" }, [1, 2, -1])).toEqual([2.5, 5.5, -2.5]);
    expect(weightsOf({ observed: "replaced", unobservedWeight: 3 }, [1, -1])).toEqual([0, -0]); // all that it may be
  });
});

test.each([
  [{ kind: "linear" }, 0.125, 0.375, "0.125"],
  [{ kind: "linear" }, -0.125, 0.375, "-0.125"],
  [{ kind: "given" }, 0.25, 0.25, "0.25"],
  [{ kind: "linear" }, 0, 0, "0"],
] as const)("a weight below the one that it is to replace is told: %o, %f", (own, value, weight, shown) => {
  expect(() => weightsOf({ ...own, observed: "replaced" }, [1, value])).toThrow(
    new RangeError(
      "the weight of an interaction must be at least unobservedWeight, 0.5, where it replaces it, " +
        `got ${weight} for the value ${shown}; raise alpha`,
    ),
  );
});

describe("the typical strength", () => {
  const of = (values: readonly number[]): number => typicalStrength(Float32Array.from(values));

  test("is the median of what is not zero, whatever its sign", () => {
    expect(of([5])).toBe(5);
    expect(of([0, 3, 0, -1, 200])).toBe(3);
    expect(of([4, 1, 2, 3])).toBe(3); // of two in the middle the upper one
    expect(of([-2, -2, 0, 0, 0])).toBe(2);
  });

  test("is 1 of nothing but zeros, and of nothing", () => {
    expect(of([0, 0, -0])).toBe(1);
    expect(of([])).toBe(1);
  });

  test("does not depend on their order", () => {
    const values = Array.from({ length: 1001 }, (_, at) => (at * 577) % 1001);
    expect(of(values)).toBe(501); // 0 is left out
    expect(of(values.toReversed())).toBe(501);
  });

  test("of many is that of a sample spread over all of them", () => {
    const length = 400_000; // 6 values a step
    expect(typicalStrength(Float32Array.from({ length }, (_, at) => 1 + at))).toBeCloseTo(length / 2, -1);
    expect(typicalStrength(Float32Array.from({ length }, (_, at) => (at % 6 === 0 ? 7 : 1)))).toBe(7);
  });
});
