import { RowSorter } from "./row-sorter.js";

/**
 * A sparse f32 matrix in compressed rows (CSR). Row r is the entries [offsets[r], offsets[r + 1]) of `columns` and
 * `values`. Columns in a row need be neither sorted nor unique. The arrays are not to be written to.
 */
export class SparseMatrix {
  readonly numRows: number;
  readonly numColumns: number;
  /** u32[numRows + 1], from 0, never falling */
  readonly offsets: Uint32Array;
  /** u32[size], each below numColumns */
  readonly columns: Uint32Array;
  /** f32[size] */
  readonly values: Float32Array;

  /** @internal The arrays are trusted but for their lengths, and not copied. Use `SparseMatrix.fromTriples`. */
  constructor(numRows: number, numColumns: number, offsets: Uint32Array, columns: Uint32Array, values: Float32Array) {
    if (offsets.length !== numRows + 1) {
      throw new RangeError(`offsets must have length ${numRows + 1} (numRows + 1), got ${offsets.length}`);
    }
    if (columns.length !== values.length || offsets[numRows] !== columns.length) {
      const lengths = `${columns.length} columns, ${values.length} values, last offset ${offsets[numRows]}`;
      throw new RangeError(`columns, values and the last offset must agree, got ${lengths}`);
    }
    this.numRows = numRows;
    this.numColumns = numColumns;
    this.offsets = offsets;
    this.columns = columns;
    this.values = values;
  }

  /**
   * The matrix of `rows[i], columns[i], values[i]`, by counting sort: linear, and a row keeps the order of arrival.
   * Entries with the same row and column stay apart.
   * @param values absent: each value is 1.
   * @throws {RangeError} if lengths differ or an index is out of range.
   */
  static fromTriples(
    numRows: number,
    numColumns: number,
    rows: Uint32Array,
    columns: Uint32Array,
    values?: Float32Array,
  ): SparseMatrix {
    const length = rows.length;
    if (columns.length !== length || (values !== undefined && values.length !== length)) {
      const lengths = `${length} rows, ${columns.length} columns, ${values?.length ?? "no"} values`;
      throw new RangeError(`rows, columns and values must have equal lengths, got ${lengths}`);
    }
    for (let entry = 0; entry < length; entry++) {
      if (columns[entry]! >= numColumns) {
        throw new RangeError(`column of entry ${entry} must be below ${numColumns}, got ${columns[entry]}`);
      }
    }
    const sorter = new RowSorter(numRows, false);
    sorter.count(rows, length);
    sorter.place({ rows, columns, values, timestamps: undefined, length });
    const sorted = sorter.finish();
    return new SparseMatrix(numRows, numColumns, sorted.offsets, sorted.columns, sorted.values);
  }

  /** How many entries are stored. */
  get size(): number {
    return this.columns.length;
  }

  /** How many entries row r has. */
  rowLength(row: number): number {
    return this.offsets[row + 1]! - this.offsets[row]!;
  }

  /** The matrix mirrored: numColumns × numRows. Its rows come sorted by column; equal columns keep their order. */
  transpose(): SparseMatrix {
    const { numRows, numColumns, size, offsets: rowOffsets, columns: rowColumns, values: rowValues } = this;
    const next = new Uint32Array(numColumns + 1);
    for (let entry = 0; entry < size; entry++) next[rowColumns[entry]! + 1]!++;
    let begin = 0;
    for (let column = 1; column <= numColumns; column++) {
      const length = next[column]!;
      next[column] = begin;
      begin += length;
    }
    const columns = new Uint32Array(size);
    const values = new Float32Array(size);
    for (let row = 0; row < numRows; row++) {
      const end = rowOffsets[row + 1]!;
      for (let entry = rowOffsets[row]!; entry < end; entry++) {
        const position = next[rowColumns[entry]! + 1]!++; // ends where the next row begins, as in RowSorter
        columns[position] = row;
        values[position] = rowValues[entry]!;
      }
    }
    return new SparseMatrix(numColumns, numRows, next, columns, values);
  }
}
