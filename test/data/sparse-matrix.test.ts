import { describe, expect, test } from "vitest";
import { RandomPurpose, RandomStream } from "../../src/data/random.js";
import { checkEntryCount } from "../../src/data/row-sorter.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";

describe("SparseMatrix", () => {
  const matrix = SparseMatrix.fromTriples(
    4,
    3,
    Uint32Array.of(2, 0, 2, 3, 2),
    Uint32Array.of(2, 1, 0, 1, 2),
    Float32Array.of(1, 2, 3, 4, 5),
  );

  test("keeps the order of arrival within a row", () => {
    expect(matrix.offsets).toEqual(Uint32Array.of(0, 1, 1, 4, 5));
    expect(matrix.columns).toEqual(Uint32Array.of(1, 2, 0, 2, 1));
    expect(matrix.values).toEqual(Float32Array.of(2, 1, 3, 5, 4));
    expect([matrix.size, matrix.numRows, matrix.numColumns, matrix.rowLength(2)]).toEqual([5, 4, 3, 3]);
  });

  test("transposes into sorted rows, equal ones in their order", () => {
    const transposed = matrix.transpose();
    expect([transposed.numRows, transposed.numColumns]).toEqual([3, 4]);
    expect(transposed.offsets).toEqual(Uint32Array.of(0, 1, 3, 5));
    expect(transposed.columns).toEqual(Uint32Array.of(2, 0, 3, 2, 2));
    expect(transposed.values).toEqual(Float32Array.of(3, 2, 4, 1, 5));
  });

  test("without values each is 1; without entries it is empty", () => {
    expect(SparseMatrix.fromTriples(1, 1, Uint32Array.of(0), Uint32Array.of(0)).values).toEqual(Float32Array.of(1));
    const empty = SparseMatrix.fromTriples(0, 0, new Uint32Array(0), new Uint32Array(0));
    expect([empty.offsets, empty.size, empty.transpose().size]).toEqual([Uint32Array.of(0), 0, 0]);
    expect(SparseMatrix.fromTriples(2, 3, new Uint32Array(0), new Uint32Array(0)).transpose().offsets).toEqual(
      new Uint32Array(4),
    );
  });

  test("transposing twice sorts the rows, for random matrices", () => {
    const random = new RandomStream(1, RandomPurpose.synthetic);
    for (let round = 0; round < 20; round++) {
      const [numRows, numColumns] = [1 + random.nextBelow(9), 1 + random.nextBelow(9)];
      const triples = Array.from({ length: random.nextBelow(60) }, (_, at) => {
        return { row: random.nextBelow(numRows), column: random.nextBelow(numColumns), value: at };
      });
      const built = SparseMatrix.fromTriples(
        numRows,
        numColumns,
        Uint32Array.from(triples, ({ row }) => row),
        Uint32Array.from(triples, ({ column }) => column),
        Float32Array.from(triples, ({ value }) => value),
      );
      const sorted = triples.sort((a, b) => a.row - b.row || a.column - b.column || a.value - b.value);
      const twice = built.transpose().transpose();
      expect(twice.offsets).toEqual(built.offsets);
      expect([...twice.columns]).toEqual(sorted.map(({ column }) => column));
      expect([...twice.values]).toEqual(sorted.map(({ value }) => value));
    }
  });

  test("refuses indices out of range and lengths that differ", () => {
    const one = Uint32Array.of(0);
    expect(() => SparseMatrix.fromTriples(2, 2, Uint32Array.of(0, 2), Uint32Array.of(0, 0))).toThrow(
      new RangeError("row of entry 1 must be below 2, got 2"),
    );
    expect(() => SparseMatrix.fromTriples(2, 2, Uint32Array.of(0, 1), Uint32Array.of(0, 2))).toThrow(
      new RangeError("column of entry 1 must be below 2, got 2"),
    );
    expect(() => SparseMatrix.fromTriples(2, 2, one, Uint32Array.of(0, 1))).toThrow(
      "rows, columns and values must have equal lengths, got 1 rows, 2 columns, no values",
    );
    expect(() => new SparseMatrix(2, 2, one, one, Float32Array.of(1))).toThrow("offsets must have length 3");
    expect(() => new SparseMatrix(1, 1, Uint32Array.of(0, 2), one, Float32Array.of(1))).toThrow("last offset 2");
  });
});

test("a matrix holds at most 2^32 − 1 entries", () => {
  expect(() => checkEntryCount(2 ** 32 - 1)).not.toThrow();
  expect(() => checkEntryCount(2 ** 32)).toThrow(
    new RangeError("interactions must be at most 2^32 − 1, got 4294967296"),
  );
});
