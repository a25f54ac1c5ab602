/** What AutoRec takes off a value before it comes to the encoder. */
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { TimeSlice } from "../engine/time-slice.js";

import { BIAS_DAMPING } from "./autorec-settings.js";

/** What is taken off: nothing, the mean, or the mean and the biases of user and item. */
export type CenteringName = "none" | "mean" | "biases";

/** Columns between two looks at the clock. */
const COLUMNS_PER_LOOK = 256;

/** x = (value − offset − b_column − b_row) / scale, of rows that are encoded; a row's bias follows from its entries. */
export class Centering {
  readonly name: CenteringName;
  readonly offset: number;
  readonly scale: number;
  /** f32[columns] */
  readonly columnBias: Float32Array;

  constructor(name: CenteringName, { offset, scale }: { offset: number; scale: number }, columnBias: Float32Array) {
    this.name = name;
    this.offset = offset;
    this.scale = scale;
    this.columnBias = columnBias;
  }

  /** b_row = Σ (value − offset − b_column) / (n + δ): 0 where biases are not taken off. */
  rowBias(columns: Uint32Array, values: Float32Array): number {
    if (this.name !== "biases") return 0;
    let sum = 0;
    for (let at = 0; at < columns.length; at++) sum += values[at]! - this.offset - this.columnBias[columns[at]!]!;
    return Math.fround(sum / (columns.length + BIAS_DAMPING));
  }

  /** The bias of every row, f32[rows], by the matrix mirrored: its rows are the columns here. */
  async rowBiases(byColumn: SparseMatrix, slice: TimeSlice): Promise<Float32Array> {
    const { numRows: numColumns, numColumns: numRows, offsets, columns: rows, values } = byColumn;
    if (this.name !== "biases") return new Float32Array(numRows);
    const sums = new Float64Array(numRows);
    const counts = new Uint32Array(numRows);
    for (let column = 0; column < numColumns; column++) {
      const base = this.offset + this.columnBias[column]!;
      for (let entry = offsets[column]!; entry < offsets[column + 1]!; entry++) {
        sums[rows[entry]!]! += values[entry]! - base;
        counts[rows[entry]!]!++;
      }
      if (column % COLUMNS_PER_LOOK === 0 && slice.isOver) await slice.pause();
    }
    return Float32Array.from(sums, (sum, row) => sum / (counts[row]! + BIAS_DAMPING));
  }

  /** What the encoder is given of a row. */
  inputs(columns: Uint32Array, values: Float32Array, rowBias: number): Float32Array {
    return values.map((value, at) => (value - this.offset - this.columnBias[columns[at]!]! - rowBias) / this.scale);
  }

  /** For a matrix of more columns, mirrored: those behind the old ones get their biases from their entries. */
  async grown(byColumn: SparseMatrix, slice: TimeSlice): Promise<Centering> {
    const columnBias = new Float32Array(byColumn.numRows);
    columnBias.set(this.columnBias);
    const next = new Centering(this.name, this, columnBias);
    if (this.name !== "biases") return next;
    const ofRows = new Centering(this.name, this, await next.rowBiases(byColumn, slice));
    const { offsets, columns: rows, values } = byColumn;
    for (let column = this.columnBias.length; column < byColumn.numRows; column++) {
      const [begin, end] = [offsets[column]!, offsets[column + 1]!];
      columnBias[column] = ofRows.rowBias(rows.subarray(begin, end), values.subarray(begin, end));
    }
    return next;
  }
}
