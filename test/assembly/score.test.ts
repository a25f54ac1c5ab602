import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { dot, type TwinSide } from "../twins/rating-pass.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { FACTOR_COUNTS, placeSide, randomOf, randomSide } from "./rating-pass.js";

const ROWS = 7;
const COLUMNS = 11;
const OFFSET = Math.fround(3.6);

/** offset + b_row + b_column + p·q; what is unknown adds nothing. */
function scoreTwin(rows: TwinSide, columns: TwinSide, row: number, column: number): number {
  const rowBias = row === UNKNOWN_INDEX ? 0 : rows.biases[row]!;
  const columnBias = column === UNKNOWN_INDEX ? 0 : columns.biases[column]!;
  const known = row !== UNKNOWN_INDEX && column !== UNKNOWN_INDEX;
  return OFFSET + rowBias + columnBias + (known ? dot(rows.factors[row]!, columns.factors[column]!) : 0);
}

/** Every pair, unknown ones too, so many times. */
function allPairs(): [row: number, column: number][] {
  const rows = [...Array(ROWS).keys(), UNKNOWN_INDEX];
  const columns = [UNKNOWN_INDEX, ...Array(COLUMNS).keys()];
  return rows.flatMap((row) => columns.map((column): [number, number] => [row, column]));
}

describe.each(VARIANTS)("scores, %s", (variant) => {
  const setUp = (factors: number, rowCount = ROWS, columnCount = COLUMNS) => {
    const random = randomOf(factors + 3000);
    const rows = randomSide(rowCount, factors, random);
    const columns = randomSide(columnCount, factors, random);
    const memory = new KernelMemory(variant);
    const placedRows = placeSide(memory, rows);
    const placedColumns = placeSide(memory, columns);
    const tables = [
      placedRows.factors.ptr,
      placedColumns.factors.ptr,
      placedRows.biases.ptr,
      placedColumns.biases.ptr,
      placedRows.stride,
      OFFSET,
    ] as const;
    return { rows, columns, memory, tables };
  };

  test.each(FACTOR_COUNTS)("scorePairs as the f64 twin, %i factors", (factors) => {
    const { rows, columns, memory, tables } = setUp(factors);
    const pairs = allPairs();
    const rowsPtr = memory.uint32(pairs.map(([row]) => row)).ptr;
    const columnsPtr = memory.uint32(pairs.map(([, column]) => column)).ptr;
    const scores = memory.float32(pairs.length);
    expect(memory.kernels.scorePairs(0, pairs.length, rowsPtr, columnsPtr, ...tables, scores.ptr)).toBe(0);
    pairs.forEach(([row, column], t) => {
      // sums of a few numbers of about 4 round by 2.4e-7 each; the dot's terms are far smaller
      expect(Math.abs(scores.view[t]! - scoreTwin(rows, columns, row, column))).toBeLessThan(1.5e-6);
    });
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each(FACTOR_COUNTS)("scoreColumns has the bits of scorePairs, %i factors", (factors) => {
    const { memory, tables } = setUp(factors);
    const known = allPairs().filter(([, column]) => column !== UNKNOWN_INDEX);
    const rowsPtr = memory.uint32(known.map(([row]) => row)).ptr;
    const columnsPtr = memory.uint32(known.map(([, column]) => column)).ptr;
    const pairScores = memory.float32(known.length);
    memory.kernels.scorePairs(0, known.length, rowsPtr, columnsPtr, ...tables, pairScores.ptr);
    [...Array(ROWS).keys(), UNKNOWN_INDEX].forEach((row, at) => {
      const scores = memory.float32(COLUMNS);
      expect(memory.kernels.scoreColumns(0, COLUMNS, row, ...tables, scores.ptr)).toBe(0);
      expect(scores.view).toEqual(pairScores.view.subarray(at * COLUMNS, (at + 1) * COLUMNS));
    });
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test("both write the places of their range only", () => {
    const { memory, tables } = setUp(5);
    const indices = memory.uint32([0, 1, 2, 3, 4, 5, 6]).ptr;
    for (const [begin, end] of [
      [0, 0],
      [4, 4],
      [2, 3],
      [3, 7],
    ] as const) {
      const pairs = memory.uint32(7);
      const columns = memory.uint32(7);
      const untouched = pairs.view.slice();
      memory.kernels.scorePairs(begin, end, indices, indices, ...tables, pairs.ptr);
      memory.kernels.scoreColumns(begin, end, 3, ...tables, columns.ptr);
      for (const { view } of [pairs, columns]) {
        const changed = [...view.keys()].filter((at) => view[at] !== untouched[at]);
        expect(changed).toEqual([...view.keys()].filter((at) => at >= begin && at < end));
      }
      expect(memory.touchedCanaries()).toEqual([]);
    }
  });

  test("without factors (stride 0) the biases are left", () => {
    const { rows, columns, memory, tables } = setUp(4);
    const [, , rowBiasPtr, columnBiasPtr] = tables;
    const scores = memory.float32(2);
    const pairs = [memory.uint32([2, UNKNOWN_INDEX]).ptr, memory.uint32([5, UNKNOWN_INDEX]).ptr] as const;
    memory.kernels.scorePairs(0, 2, ...pairs, 0, 0, rowBiasPtr, columnBiasPtr, 0, OFFSET, scores.ptr);
    const base = Math.fround(OFFSET + rows.biases[2]!);
    expect([...scores.view]).toEqual([Math.fround(base + columns.biases[5]!), OFFSET]);
  });

  test("a score is ((offset + b_row) + b_column) + p·q, rounded after each sum", () => {
    const { rows, columns, memory, tables } = setUp(1);
    const scores = memory.float32(COLUMNS);
    memory.kernels.scoreColumns(0, COLUMNS, 4, ...tables, scores.ptr);
    columns.factors.forEach((q, column) => {
      const base = Math.fround(Math.fround(OFFSET + rows.biases[4]!) + columns.biases[column]!);
      expect(scores.view[column]).toBe(Math.fround(base + Math.fround(rows.factors[4]![0]! * q[0]!)));
    });
  });
});
