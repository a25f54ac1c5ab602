import { describe, expect, test } from "vitest";
import { exactExponential, exactLogarithm, exactPower } from "../../src/data/exact-math.js";

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

describe("exactExponential", () => {
  /** −708 … 709, and near 0, where results are normal numbers. */
  const numbers = (): number[] => {
    const dense = Array.from({ length: 20_000 }, (_, at) => -708 + (1417 * at) / 19_999);
    const near = [1];
    while (near.length < 2_000) near.push(near.at(-1)! * 0.97);
    return [...dense, ...near, ...near.map((x) => -x)];
  };

  test("is the exponential", () => {
    for (const x of numbers()) {
      expect(Math.abs(exactExponential(x) / Math.exp(x) - 1)).toBeLessThan(6e-16); // Math.exp rounds as well
    }
  });

  test("is exact where it can be, and the inverse of the logarithm", () => {
    expect([exactExponential(0), exactExponential(-0)]).toEqual([1, 1]);
    expect(Math.abs(exactExponential(1) / Math.E - 1)).toBeLessThan(4e-16);
    for (const x of [1e-300, 1e-9, 0.5, 3, 700]) {
      expect(Math.abs(exactLogarithm(exactExponential(x)) - x)).toBeLessThan(4e-16 * Math.max(1, x));
    }
  });

  test("is 0 or infinite beyond what f64 holds, and rounds once where it is not normal", () => {
    expect([-Infinity, -1e300, -746, -745.14].map(exactExponential)).toEqual([0, 0, 0, 0]);
    expect([709.79, 710, 1e300, Infinity].map(exactExponential)).toEqual(new Array(4).fill(Infinity));
    expect(exactExponential(-745.13)).toBe(5e-324);
    expect(Math.abs(exactExponential(709.782) / Math.exp(709.782) - 1)).toBeLessThan(6e-16);
    for (let x = -708; x > -745; x -= 0.37) {
      expect(Math.abs(exactExponential(x) - Math.exp(x))).toBeLessThanOrEqual(Math.max(5e-324, 6e-16 * Math.exp(x)));
    }
    expect(exactExponential(Number.NaN)).toBeNaN();
  });

  test("never falls from one f32 to the next", () => {
    const floats = new Float32Array(1);
    const words = new Uint32Array(floats.buffer);
    for (const from of [1e-38, 1e-20, 1e-16, 1e-10, 0.34657, 0.34658, 1, 1.0397, 5, 87]) {
      floats[0] = from;
      for (let step = 0; step < 2000; step++) {
        const x = floats[0];
        words[0]!++;
        expect(exactExponential(floats[0])).toBeGreaterThanOrEqual(exactExponential(x));
        expect(exactExponential(-floats[0])).toBeLessThanOrEqual(exactExponential(-x));
      }
    }
  });

  test("has the bits it has everywhere", () => {
    const bits = new BigUint64Array(Float64Array.from(numbers(), exactExponential).buffer);
    const sum = bits.reduce((total, each) => BigInt.asUintN(64, total * 31n + each), 0n);
    expect(sum.toString(16)).toBe("ca425a0ac183cb61");
  });
});
