import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { TimeSlice } from "./time-slice.js";

/** Entries between two looks at the clock. */
const ENTRIES_PER_LOOK = 65536;

/** How many entries each row and each column has, u32[]. */
export interface EntryCounts {
  rows: Uint32Array;
  columns: Uint32Array;
}

/** Counts the entries of rows and columns, in slices. */
export async function countEntries(matrix: SparseMatrix, slice: TimeSlice): Promise<EntryCounts> {
  const { numRows, numColumns, columns, offsets } = matrix;
  const rows = new Uint32Array(numRows);
  for (let row = 0; row < numRows; row++) rows[row] = offsets[row + 1]! - offsets[row]!;
  const counts = new Uint32Array(numColumns);
  for (let begin = 0; begin < columns.length; begin += ENTRIES_PER_LOOK) {
    const end = Math.min(begin + ENTRIES_PER_LOOK, columns.length);
    for (let entry = begin; entry < end; entry++) counts[columns[entry]!]!++;
    if (slice.isOver) await slice.pause();
  }
  return { rows, columns: counts };
}
