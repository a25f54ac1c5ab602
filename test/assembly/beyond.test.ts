import { describe, expect, test } from "vitest";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";

const LARGEST = 3.4028234663852886e38;
const SMALLEST = 1.401298464324817e-45;

describe.each(VARIANTS)("countBeyond, %s", (variant) => {
  const count = (values: readonly number[], limit: number, begin = 0, end = values.length): number => {
    const memory = new KernelMemory(variant);
    const { ptr } = memory.float32(values);
    const result = memory.kernels.countBeyond(begin, end, ptr, limit);
    expect(memory.touchedCanaries()).toEqual([]);
    return result;
  };

  test("none in none, and none of the finite beyond the largest float", () => {
    expect(count([], 1)).toBe(0);
    expect(count([0, -0, 1, -1, LARGEST, -LARGEST, SMALLEST, -SMALLEST], LARGEST)).toBe(0);
  });

  test("the limit itself is within, on both sides", () => {
    expect(count([8, -8, 8.000001, -8.000001, 7.999999, 0], 8)).toBe(2);
  });

  test("every NaN and infinity, wherever it stands", () => {
    for (const size of [1, 2, 3, 5, 16, 17, 97]) {
      for (const bad of [Number.NaN, Infinity, -Infinity]) {
        for (const place of [0, size >> 1, size - 1]) {
          const values = new Array<number>(size).fill(1);
          values[place] = bad;
          expect(count(values, LARGEST)).toBe(1);
        }
        expect(count(new Array<number>(size).fill(bad), LARGEST)).toBe(size);
      }
    }
  });

  test("only those in the range", () => {
    const values = [Number.NaN, 1, Infinity, 2, -Infinity, 3, Number.NaN];
    expect(count(values, 10, 1, 6)).toBe(2);
    expect(count(values, 10, 3, 3)).toBe(0);
    expect(count(values, 10, 6, 7)).toBe(1);
  });

  test("NaNs of any sign and payload", () => {
    const memory = new KernelMemory(variant);
    const { ptr } = memory.uint32([0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff, 0x7f7fffff]);
    expect(memory.kernels.countBeyond(0, 5, ptr, LARGEST)).toBe(4);
  });
});
