import { describe, expect, test } from "vitest";
import { philox4x32 } from "../../src/data/random.js";
import { strideOf } from "../../src/engine/matrix.js";
import { normalQuantileTwin } from "../twins/normal.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";

/** Entry (row, f) of the matrix: word f mod 4 of the Philox block (f div 4, row, 0, purpose) under the seed. */
function drawTwin(row: number, f: number, seedLow: number, seedHigh: number, purpose: number): number {
  const words = new Uint32Array(4);
  philox4x32(Math.floor(f / 4), row, 0, purpose, seedLow, seedHigh, words);
  return normalQuantileTwin((words[f % 4]! + 0.5) / 2 ** 32);
}

test("the twin knows the normal quantile", () => {
  const known: [p: number, x: number][] = [
    [0.5, 0],
    [0.25, -0.6744897501960817],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
    [1e-9, -5.9978070150076865],
  ];
  for (const [p, x] of known)
    expect(Math.abs(normalQuantileTwin(p) - x)).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(x)));
});

describe.each(VARIANTS)("fillNormalRows, %s", (variant) => {
  const fill = (rows: number, columns: number, begin: number, end: number, deviation = 1, seed = 1, purpose = 5) => {
    const memory = new KernelMemory(variant);
    const stride = strideOf(columns);
    const { ptr, view } = memory.float32(rows * stride);
    const untouched = view.slice();
    const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    const result = memory.kernels.fillNormalRows(begin, end, ptr, columns, stride, deviation, low, high, purpose);
    return { view, stride, untouched, result, touched: memory.touchedCanaries() };
  };

  test.each([1, 2, 3, 4, 5, 8, 13, 31])("%i columns as the twin, rounded to f32, padding zero", (columns) => {
    const seed = 3 * 2 ** 32 + 0x9e3779b9;
    const { view, stride, touched, result } = fill(11, columns, 0, 11, 0.25, seed, 6);
    for (let row = 0; row < 11; row++) {
      for (let f = 0; f < stride; f++) {
        const expected = f < columns ? 0.25 * drawTwin(row, f, 0x9e3779b9, 3, 6) : 0;
        // within half a unit of f32, and a rounding of the f64 on top
        expect(Math.abs(view[row * stride + f]! - expected)).toBeLessThanOrEqual(6.0e-8 * Math.abs(expected));
      }
    }
    expect(touched).toEqual([]);
    expect(result).toBe(0);
  });

  // Rows whose first word, under seed 1 and purpose 5, is close to an end: as far out as a draw can be.
  test.each([
    [4005, 2125],
    [12358254, 55],
    [571066708, 15],
    [620127207, 13],
    [3769249, 2 ** 32 - 46],
    [556240707, 2 ** 32 - 5],
    [948830929, 2 ** 32 - 1],
  ])("far tails: row %i, of word %i", (row, word) => {
    const memory = new KernelMemory(variant);
    const { ptr, view } = memory.float32(4);
    const first = ptr - row * 16; // of a matrix of which only this row is there; addresses wrap around
    memory.kernels.fillNormalRows(row, row + 1, first, 1, 4, 1, 1, 0, 5);
    const expected = normalQuantileTwin((word + 0.5) / 2 ** 32);
    expect(Math.abs(expected)).toBeGreaterThan(4.8);
    expect(Math.abs(view[0]! / expected - 1)).toBeLessThan(6.0e-8);
    expect(drawTwin(row, 0, 1, 0, 5)).toBe(expected);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test("no rows, and rows drawn apart, are the rows of the whole", () => {
    const whole = fill(23, 13, 0, 23);
    for (const [begin, end] of [
      [0, 0],
      [0, 1],
      [7, 8],
      [5, 19],
      [22, 23],
    ] as const) {
      const part = fill(23, 13, begin, end);
      const [from, to] = [begin * whole.stride, end * whole.stride];
      expect(part.view.subarray(from, to)).toEqual(whole.view.subarray(from, to));
      const rest = (values: Float32Array): Uint32Array => {
        const words = new Uint32Array(values.slice().buffer);
        return Uint32Array.of(...words.subarray(0, from), ...words.subarray(to));
      };
      expect(rest(part.view)).toEqual(rest(part.untouched));
      expect(part.touched).toEqual([]);
    }
  });

  test("differs by seed, by either half of it, and by purpose", () => {
    const base = fill(3, 8, 0, 3).view;
    expect(fill(3, 8, 0, 3).view).toEqual(base);
    for (const other of [fill(3, 8, 0, 3, 1, 2), fill(3, 8, 0, 3, 1, 2 ** 32 + 1), fill(3, 8, 0, 3, 1, 1, 6)]) {
      expect([...other.view].filter((value, at) => value === base[at])).toEqual([]);
    }
  });

  test("400,000 draws have the mean, variance, skew and tails of N(0, 1)", () => {
    const { view } = fill(4000, 100, 0, 4000);
    const numbers = Float64Array.from(view);
    const count = numbers.length;
    const moment = (power: number): number => numbers.reduce((sum, x) => sum + x ** power, 0) / count;
    const share = (limit: number): number => numbers.reduce((sum, x) => sum + (Math.abs(x) > limit ? 1 : 0), 0) / count;
    // each bound is 4 standard errors: of the mean 1/√n, of the moments √2, √15 and √96 of that, of a share √(p/n)
    const error = 4 / Math.sqrt(count);
    expect(Math.abs(moment(1))).toBeLessThan(error);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(moment(3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error * Math.sqrt(96));
    for (const [limit, p] of [
      [1, 0.3173105],
      [1.959964, 0.05],
      [3, 0.0026998],
      [4, 0.0000633],
    ] as const) {
      expect(Math.abs(share(limit) - p)).toBeLessThan(error * Math.sqrt(p));
    }
  });
});
