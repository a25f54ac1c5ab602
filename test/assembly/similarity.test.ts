import { describe, expect, test } from "vitest";
import { strideOf } from "../../src/engine/matrix.js";
import { dot, type TwinSide } from "../twins/rating-pass.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { factorsAt, padding, placeSide, randomOf, randomSide } from "./rating-pass.js";

const METRICS = { dot: 0, cosine: 1, euclidean: 2 } as const;
type Metric = keyof typeof METRICS;
const NAMES = Object.keys(METRICS) as Metric[];
const FACTOR_COUNTS = [1, 2, 3, 4, 5, 8, 13, 64, 100];
const ROWS = 11;
/** Rows of zeros, which are like nothing. */
const ZERO = [0, 7];

/** How alike a and b are in f64, as the kernels rank it. */
function similarityTwin(metric: Metric, a: Float64Array, b: Float64Array): number {
  if (dot(a, a) === 0 || dot(b, b) === 0) return Number.NEGATIVE_INFINITY;
  if (metric === "dot") return dot(a, b);
  if (metric === "cosine") return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const difference = a.map((each, f) => each - b[f]!);
  return -dot(difference, difference) / 2;
}

function setUp(factors: number): TwinSide {
  const side = randomSide(ROWS, factors, randomOf(factors + 7000));
  for (const row of ZERO) side.factors[row]!.fill(0);
  return side;
}

describe.each(VARIANTS)("similarityRows, %s", (variant) => {
  /** A side made ready, and what it is written to: all canaries before. */
  const prepare = (side: TwinSide, metric: Metric, [begin, end] = [0, ROWS]) => {
    const memory = new KernelMemory(variant);
    const from = placeSide(memory, side);
    const given = from.factors.view.slice();
    const stride = strideOf(side.factors[0]!.length);
    const [to, biases] = [memory.float32(ROWS * stride), memory.float32(ROWS)];
    const tables = [from.factors.ptr, stride, to.ptr, biases.ptr] as const;
    expect(memory.kernels.similarityRows(begin!, end!, METRICS[metric], ...tables)).toBe(0);
    expect(from.factors.view).toEqual(given);
    expect(memory.touchedCanaries()).toEqual([]);
    return { memory, from, to, biases, stride };
  };

  describe.each(NAMES)("%s", (metric) => {
    test.each(FACTOR_COUNTS)("scores are as the f64 twin, %i factors", (factors) => {
      const side = setUp(factors);
      const { memory, from, to, biases, stride } = prepare(side, metric);
      const ptr = metric === "cosine" ? to.ptr : from.factors.ptr;
      const scores = memory.float32(ROWS);
      for (let row = 0; row < ROWS; row++) {
        memory.kernels.scoreColumns(0, ROWS, row, ptr, ptr, biases.ptr, biases.ptr, stride, 0, scores.ptr);
        for (let other = 0; other < ROWS; other++) {
          const twin = similarityTwin(metric, side.factors[row]!, side.factors[other]!);
          if (twin === Number.NEGATIVE_INFINITY) expect(scores.view[other]).toBe(twin);
          // sums of numbers of at most some ones, in chains of up to 100
          else expect(Math.abs(scores.view[other]! - twin)).toBeLessThan(2e-6);
        }
      }
    });

    test("of the rows of its range only", () => {
      const side = setUp(13);
      const all = prepare(side, metric);
      const some = prepare(side, metric, [3, 6]);
      for (const [name, perRow] of [
        ["biases", 1],
        ["to", 16],
      ] as const) {
        const view = some[name].view;
        expect(view.subarray(3 * perRow, 6 * perRow)).toEqual(all[name].view.subarray(3 * perRow, 6 * perRow));
        expect([...view.subarray(0, 3 * perRow), ...view.subarray(6 * perRow)].every(Number.isNaN)).toBe(true);
      }
    });
  });

  test.each(FACTOR_COUNTS)("cosine writes rows of length 1, zeros for zeros, padding 0, %i factors", (factors) => {
    const side = setUp(factors);
    const { to, biases, from } = prepare(side, "cosine");
    const made = { ...from, factors: to };
    expect(padding(made, factors)).toEqual([]);
    expect([...biases.view]).toEqual(side.factors.map((_, row) => (ZERO.includes(row) ? -Infinity : 0)));
    for (let row = 0; row < ROWS; row++) {
      const length = Math.sqrt(dot(side.factors[row]!, side.factors[row]!));
      for (const [f, each] of factorsAt(made, row, factors).entries()) {
        if (ZERO.includes(row)) expect(each).toBe(0);
        else expect(Math.abs(each - side.factors[row]![f]! / length)).toBeLessThan(1e-6);
      }
    }
  });

  test.each(["dot", "euclidean"] as const)("%s writes biases alone", (metric) => {
    const side = setUp(13);
    const { to, biases } = prepare(side, metric);
    expect([...to.view].every(Number.isNaN)).toBe(true);
    side.factors.forEach((row, at) => {
      const expected = ZERO.includes(at) ? -Infinity : metric === "dot" ? 0 : -dot(row, row) / 2;
      if (Number.isFinite(expected)) expect(Math.abs(biases.view[at]! - expected)).toBeLessThan(1e-6);
      else expect(biases.view[at]).toBe(expected);
    });
  });
});
