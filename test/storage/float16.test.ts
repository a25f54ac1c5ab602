import { describe, expect, test } from "vitest";
import { fromFloat16, toFloat16 } from "../../src/storage/float16.js";

const ALL_HALFS = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** The value of a half by its definition. */
function halfValue(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

const isNaNHalf = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;

function half(value: number): number {
  const bits = new Uint16Array(1);
  toFloat16(Float32Array.of(value), bits);
  return bits[0]!;
}

test("every half has the value of its definition", () => {
  const values = new Float32Array(65536);
  fromFloat16(ALL_HALFS, values);
  expect(ALL_HALFS.findIndex((bits) => !Object.is(values[bits], halfValue(bits)))).toBe(-1);
});

test("every half comes back from its value, bit for bit", () => {
  const values = new Float32Array(65536);
  const bits = new Uint16Array(65536);
  fromFloat16(ALL_HALFS, values);
  toFloat16(values, bits);
  expect(ALL_HALFS.findIndex((expected) => bits[expected] !== expected && !isNaNHalf(expected))).toBe(-1);
  expect(ALL_HALFS.findIndex((expected) => isNaNHalf(expected) !== isNaNHalf(bits[expected]!))).toBe(-1);
});

test("between two neighbours the nearer is taken, and the even one halfway, at both signs", () => {
  for (let low = 0; low < 0x7bff; low++) {
    const a = halfValue(low);
    const b = halfValue(low + 1);
    const middle = (a + b) / 2; // exact in f32: one bit more
    const even = low % 2 === 0 ? low : low + 1;
    const ulp = 2 ** (Math.floor(Math.log2(middle)) - 23);
    const halfs = [a, middle - ulp, middle, middle + ulp, b].flatMap((value) => [half(value), half(-value) - 0x8000]);
    expect(halfs).toEqual([low, low, low, low, even, even, low + 1, low + 1, low + 1, low + 1]);
  }
});

describe("by hand", () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99609375, 0x7bff],
    [65520, 0x7c00],
    [3.4e38, 0x7c00],
    [-Infinity, 0xfc00],
    [Number.NaN, 0x7e00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // halfway between 0 and the smallest: to even
    [2 ** -25 + 2 ** -48, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [-(2 ** -149), 0x8000],
    [2 ** -14 - 2 ** -25, 0x0400], // the largest subnormal and a half: up into the normals
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000], // a carry into the exponent
    [1 / 3, 0x3555],
  ])("%d is 0x%s", (value, bits) => {
    expect(half(value)).toBe(bits);
  });
});

test("works on views that begin inside a buffer", () => {
  const values = new Float32Array(6).fill(9);
  fromFloat16(Uint16Array.of(0x3c00, 0x0001, 0xfc00), values.subarray(2, 5));
  expect([...values]).toEqual([9, 9, 1, 2 ** -24, -Infinity, 9]);
});
