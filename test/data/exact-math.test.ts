import { describe, expect, test } from "vitest";
import { exactLogarithm, exactPower } from "../../src/data/exact-math.js";

/** Neighbours of a number among f64. */
function beside(x: number): [below: number, above: number] {
  const words = new BigInt64Array(new Float64Array([x]).buffer);
  const at = (step: bigint): number => new Float64Array(new BigInt64Array([words[0]! + step]).buffer)[0]!;
  return [at(-1n), at(1n)];
}

describe("exactLogarithm", () => {
  test("is the logarithm, from the least normal number to the greatest", () => {
    const numbers = [2 ** -1022, Number.MAX_VALUE, 1e-300, 1e300, Math.PI, 10, 1e-9];
    for (let at = 0; at < 2000; at++) numbers.push(1.0009 ** at, 0.983 ** at, 1 + at / 1999, 1 + 1 / (at + 2));
    for (const x of numbers) {
      if (x === 1) continue;
      const expected = Math.log(x);
      expect(Math.abs(exactLogarithm(x) - expected)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(expected)));
    }
  });

  test("is 0 at 1, and keeps its digits beside it", () => {
    expect(exactLogarithm(1)).toBe(0);
    for (const x of [...beside(1), 1 + 2 ** -40, 1 - 2 ** -40, 1 + 1e-6, 1 - 1e-6]) {
      expect(Math.abs(exactLogarithm(x) / Math.log(x) - 1)).toBeLessThan(1e-15);
    }
  });

  test("is a whole number of ln 2 at powers of 2, and has no seam at √2 and √½", () => {
    for (const exponent of [-1022, -3, -1, 1, 2, 52, 1023]) {
      expect(exactLogarithm(2 ** exponent)).toBe(exponent * Math.LN2);
    }
    for (const seam of [Math.SQRT2, Math.SQRT1_2, 2 * Math.SQRT2]) {
      const [below, above] = beside(seam);
      const logarithms = [below, seam, above].map(exactLogarithm);
      for (const logarithm of logarithms) expect(Math.abs(logarithm - Math.log(seam))).toBeLessThan(1e-15);
    }
  });
});

describe("exactPower", () => {
  test.each([0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9, 1, 1.5, 2, 2.7, 10])("to the power %f", (exponent) => {
    for (const base of [1e-300, 1e-6, 0.0101, 0.5, 0.999, 1, 1.01, 7, 12_345.6, 1e20]) {
      const expected = base ** exponent;
      if (expected === 0) continue;
      // What 52 digits leave of the exponent, and what the products round.
      const bound = 2 ** -52 * (8 + Math.abs(Math.log(base)));
      expect(Math.abs(exactPower(base, exponent) / expected - 1)).toBeLessThan(bound);
    }
  });

  test("is exact where it can be", () => {
    expect([exactPower(7, 0), exactPower(7, 1), exactPower(7, 3), exactPower(2, 10)]).toEqual([1, 7, 343, 1024]);
    expect([exactPower(49, 0.5), exactPower(16, 0.25), exactPower(16, 1.75), exactPower(0, 2)]).toEqual([7, 2, 128, 0]);
    expect(exactPower(1, 0.123456789)).toBe(1);
  });

  test("never falls with the base, for an exponent of all digits", () => {
    const powers = Array.from({ length: 1000 }, (_, at) => exactPower(at + 1, 0.6));
    for (let at = 1; at < 1000; at++) expect(powers[at]!).toBeGreaterThan(powers[at - 1]!);
  });

  test("with fewer digits of the exponent is less, but not by much", () => {
    expect(exactPower(7, 0.3, 2)).toBe(Math.sqrt(Math.sqrt(7)));
    expect(exactPower(7, 1.99, 1)).toBe(7 * Math.sqrt(7));
  });
});
