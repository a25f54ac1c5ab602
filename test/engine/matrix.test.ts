import { expect, test } from "vitest";
import { Arena } from "../../src/engine/arena.js";
import { Matrix, strideOf } from "../../src/engine/matrix.js";

const PAGE_BYTES = 65536;

function matrixOf(rows: number, columns: number): { arena: Arena; matrix: Matrix } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 10, shared: true });
  const arena = new Arena(memory, 10 * PAGE_BYTES);
  return { arena, matrix: new Matrix(arena, arena.allocate(rows * strideOf(columns) * 4), rows, columns) };
}

test.each([
  [0, 0],
  [1, 4],
  [3, 4],
  [4, 4],
  [5, 8],
  [32, 32],
  [33, 36],
  [4095, 4096],
])("%i columns have a stride of %i", (columns, stride) => {
  expect(strideOf(columns)).toBe(stride);
});

test("values are all rows with their padding; a row is a view without it", () => {
  const { matrix } = matrixOf(3, 5);
  expect([matrix.rows, matrix.columns, matrix.stride]).toEqual([3, 5, 8]);
  matrix.values.forEach((_, at, view) => {
    view[at] = at;
  });
  expect(matrix.values.length).toBe(24);
  expect([...matrix.row(0)]).toEqual([0, 1, 2, 3, 4]);
  expect([...matrix.row(2)]).toEqual([16, 17, 18, 19, 20]);
  matrix.row(1)[3] = -1;
  expect(matrix.values[11]).toBe(-1);
});

test("rows and values are read anew after memory has grown", () => {
  const { arena, matrix } = matrixOf(2, 3);
  matrix.row(1)[2] = 7;
  arena.allocate(3 * PAGE_BYTES);
  expect(matrix.row(1)[2]).toBe(7);
  expect(matrix.values.buffer).toBe(arena.memory.buffer);
});

test.each([-1, 3, 1.5, Number.NaN, Infinity])("row %d of 3 is an error", (index) => {
  const { matrix } = matrixOf(3, 5);
  expect(() => matrix.row(index)).toThrow(new RangeError(`row must be a whole number in [0, 3), got ${index}`));
});

test("a matrix without rows or without columns has no values", () => {
  expect(matrixOf(0, 5).matrix.values.length).toBe(0);
  const { matrix } = matrixOf(3, 0);
  expect(matrix.values.length).toBe(0);
  expect(matrix.row(2).length).toBe(0);
});
