import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { dot } from "../twins/rating-pass.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { FACTOR_COUNTS, placeSide, randomOf, randomSide } from "./rating-pass.js";

describe.each(VARIANTS)("squaredErrorPairs, %s", (variant) => {
  const setUp = (factors: number, size: number, range: readonly [number, number]) => {
    const random = randomOf(factors + 4000);
    const rows = randomSide(7, factors, random);
    const columns = randomSide(11, factors, random);
    // every fifth row and every seventh column is unknown
    const rowIndices = Array.from({ length: size }, (_, t) => (t % 5 === 3 ? UNKNOWN_INDEX : random.nextBelow(7)));
    const columnIndices = Array.from({ length: size }, (_, t) => (t % 7 === 2 ? UNKNOWN_INDEX : random.nextBelow(11)));
    const values = Float32Array.from({ length: size }, () => 4 * random.nextUniform() - 2);
    const memory = new KernelMemory(variant);
    const placedRows = placeSide(memory, rows);
    const placedColumns = placeSide(memory, columns);
    const args = [
      memory.uint32(rowIndices).ptr,
      memory.uint32(columnIndices).ptr,
      memory.float32(values).ptr,
      placedRows.factors.ptr,
      placedColumns.factors.ptr,
      placedRows.biases.ptr,
      placedColumns.biases.ptr,
      placedRows.stride,
      memory.float32(range).ptr,
    ] as const;
    const twin = (begin: number, end: number): number => {
      let sum = 0;
      for (let t = begin; t < end; t++) {
        const row = rowIndices[t]!;
        const column = columnIndices[t]!;
        let score = (rows.biases[row] ?? 0) + (columns.biases[column] ?? 0);
        if (rows.factors[row] && columns.factors[column]) score += dot(rows.factors[row], columns.factors[column]);
        sum += (values[t]! - Math.min(Math.max(score, range[0]), range[1])) ** 2;
      }
      return sum;
    };
    return { memory, args, twin };
  };

  const wide = [-Infinity, Infinity] as const;
  const narrow = [-0.25, 0.5] as const;

  test.each(FACTOR_COUNTS)("as the f64 twin, with unknowns and clipping, %i factors", (factors) => {
    for (const range of [wide, narrow]) {
      const { memory, args, twin } = setUp(factors, 211, range);
      // a score rounds by about 1e-7, an error by as much: relative to the sum, less
      expect(Math.abs(memory.kernels.squaredErrorPairs(0, 211, ...args) / twin(0, 211) - 1)).toBeLessThan(1e-6);
      expect(memory.touchedCanaries()).toEqual([]);
    }
  });

  test.each([
    [0, 0],
    [5, 5],
    [0, 1],
    [3, 4],
    [2, 3],
    [10, 97],
  ])("only pairs [%i, %i)", (begin, end) => {
    const { memory, args, twin } = setUp(5, 97, narrow);
    const expected = twin(begin, end);
    expect(Math.abs(memory.kernels.squaredErrorPairs(begin, end, ...args) - expected)).toBeLessThanOrEqual(
      1e-5 * expected,
    );
  });

  test("clipping matters in this data, and what is clipped counts from the bound", () => {
    const clipped = setUp(8, 211, narrow);
    const free = setUp(8, 211, wide);
    expect(clipped.twin(0, 211)).not.toBeCloseTo(free.twin(0, 211), 1);
    const { memory, args } = setUp(8, 211, [0.75, 0.75]);
    const values = new Float32Array(memory.memory.buffer, args[2], 211);
    const expected = values.reduce((sum, value) => sum + (value - 0.75) ** 2, 0);
    expect(memory.kernels.squaredErrorPairs(0, 211, ...args)).toBeCloseTo(expected, 9);
  });
});
