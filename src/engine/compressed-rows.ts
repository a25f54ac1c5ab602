/** A sparse matrix in the engine's memory, as it lies or mirrored, written in slices so that the caller's thread stays free. */
import { SparseMatrix } from "../data/sparse-matrix.js";
import type { Arena, Scope } from "./arena.js";
import type { TimeSlice } from "./time-slice.js";

/** Entries between two looks at the clock. */
const ENTRIES_PER_LOOK = 65536;

/** CSR in borrowed memory, by byte address. */
export interface CompressedRows {
  readonly numRows: number;
  /** u32[numRows + 1] of the caller's: where rows begin */
  readonly offsets: Uint32Array;
  readonly offsetsPtr: number;
  /** u32[size] */
  readonly columnsPtr: number;
  /** f32[size] */
  readonly valuesPtr: number;
}

/** Writes values as a kernel takes them. */
export type ValueWriter = (values: Float32Array, out: Float32Array) => void;

/** A copy of the matrix. */
export async function placeRows(
  arena: Arena,
  scope: Scope,
  { numRows, offsets, columns, values }: SparseMatrix,
  writeValues: ValueWriter,
  slice: TimeSlice,
): Promise<CompressedRows> {
  const placed = allocate(arena, scope, numRows, offsets, columns.length);
  for (let begin = 0; begin < columns.length; begin += ENTRIES_PER_LOOK) {
    const end = Math.min(begin + ENTRIES_PER_LOOK, columns.length);
    arena.uint32(placed.columnsPtr + begin * 4, end - begin).set(columns.subarray(begin, end));
    writeValues(values.subarray(begin, end), arena.float32(placed.valuesPtr + begin * 4, end - begin));
    if (slice.isOver) await slice.pause();
  }
  return placed;
}

/** The matrix mirrored: its columns as rows, each in the order of the matrix's rows. */
export async function placeColumns(
  arena: Arena,
  scope: Scope,
  { numColumns, offsets, columns, values }: SparseMatrix,
  columnCounts: Uint32Array,
  writeValues: ValueWriter,
  slice: TimeSlice,
): Promise<CompressedRows> {
  const starts = new Uint32Array(numColumns + 1);
  for (let column = 0; column < numColumns; column++) starts[column + 1] = starts[column]! + columnCounts[column]!;
  const placed = allocate(arena, scope, numColumns, starts, columns.length);
  const next = starts.slice();
  const terms = new Float32Array(ENTRIES_PER_LOOK);
  let row = 0;
  for (let begin = 0; begin < columns.length; begin += ENTRIES_PER_LOOK) {
    const end = Math.min(begin + ENTRIES_PER_LOOK, columns.length);
    writeValues(values.subarray(begin, end), terms.subarray(0, end - begin));
    const outColumns = arena.uint32(placed.columnsPtr, columns.length); // anew: memory may have grown in a pause
    const outValues = arena.float32(placed.valuesPtr, columns.length);
    for (let entry = begin; entry < end; entry++) {
      while (entry >= offsets[row + 1]!) row++;
      const position = next[columns[entry]!]!++;
      outColumns[position] = row;
      outValues[position] = terms[entry - begin]!;
    }
    if (slice.isOver) await slice.pause();
  }
  return placed;
}

/** The matrix mirrored, as `SparseMatrix.transpose` gives it, in slices. */
export async function mirroredRows(
  arena: Arena,
  matrix: SparseMatrix,
  columnCounts: Uint32Array,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const scope = arena.scope();
  try {
    const copy: ValueWriter = (values, out) => out.set(values);
    const { offsets, columnsPtr, valuesPtr } = await placeColumns(arena, scope, matrix, columnCounts, copy, slice);
    const columns = arena.uint32(columnsPtr, matrix.size).slice();
    return new SparseMatrix(
      matrix.numColumns,
      matrix.numRows,
      offsets,
      columns,
      arena.float32(valuesPtr, matrix.size).slice(),
    );
  } finally {
    scope.release();
  }
}

function allocate(arena: Arena, scope: Scope, numRows: number, offsets: Uint32Array, size: number): CompressedRows {
  const offsetsPtr = scope.allocate((numRows + 1) * 4, "any");
  arena.uint32(offsetsPtr, numRows + 1).set(offsets);
  const columnsPtr = scope.allocate(size * 4, "any");
  return { numRows, offsets, offsetsPtr, columnsPtr, valuesPtr: scope.allocate(size * 4, "any") };
}
