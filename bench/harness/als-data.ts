/** Interactions as alternating least squares reads them, by user and by item: for plain JavaScript, and in the engine's memory. */
import type { Interactions } from "../../src/data/interactions.js";
import type { SparseMatrix } from "../../src/data/sparse-matrix.js";
import type { Scope } from "../../src/engine/arena.js";
import type { CompressedRows } from "../../src/engine/compressed-rows.js";
import { engine } from "../../src/engine/engine.js";

export type AlsKind = "explicit" | "implicit";

/** Rows of users with items as columns, or the other way round. */
export interface AlsRows {
  readonly matrix: SparseMatrix;
  /** With the ratings as values, or as many ones: the weights of confidences. */
  readonly entries: Readonly<Record<AlsKind, CompressedRows>>;
  /** Entries of the longest row. */
  readonly longest: number;
}

export interface AlsData {
  readonly interactions: Interactions;
  readonly users: AlsRows;
  readonly items: AlsRows;
  /** Objectives reached from the same start by the same steps, by what they are of: those of a name must agree. */
  readonly reached: Map<string, number>;
  dispose(): void;
}

export function placeAlsData(interactions: Interactions): AlsData {
  const { arena } = engine();
  const scope = arena.scope();
  const onesPtr = scope.allocate(interactions.size * 4, "any");
  arena.float32(onesPtr, interactions.size).fill(1);
  const place = (matrix: SparseMatrix): AlsRows => {
    const { numRows, offsets, columns, values } = matrix;
    const ratingsPtr = scope.allocate(values.byteLength, "any");
    arena.float32(ratingsPtr, values.length).set(values);
    const offsetsPtr = placeUint32(scope, offsets);
    const shared = { numRows, offsets, offsetsPtr, columnsPtr: placeUint32(scope, columns) };
    const entries = { explicit: { ...shared, valuesPtr: ratingsPtr }, implicit: { ...shared, valuesPtr: onesPtr } };
    let longest = 0;
    for (let row = 0; row < numRows; row++) longest = Math.max(longest, matrix.rowLength(row));
    return { matrix, entries, longest };
  };
  return {
    interactions,
    users: place(interactions.matrix),
    items: place(interactions.matrix.transpose()),
    reached: new Map(),
    dispose: () => scope.release(),
  };
}

/** A copy in the engine's memory: its byte address. */
export function placeUint32(scope: Scope, numbers: Uint32Array): number {
  const ptr = scope.allocate(numbers.byteLength, "any");
  engine().arena.uint32(ptr, numbers.length).set(numbers);
  return ptr;
}

/** Every `every`-th row when ordered by length, from the middle: in shares of short and long rows as all of them. */
export function sampleRows({ numRows, offsets }: SparseMatrix, every: number): Uint32Array {
  const length = (row: number) => offsets[row + 1]! - offsets[row]!;
  const order = Uint32Array.from({ length: numRows }, (_, row) => row).sort((a, b) => length(a) - length(b) || a - b);
  return order.filter((_, at) => at % every === every >> 1).sort();
}

/** Entries that the rows have together. */
export function entriesOf({ offsets }: SparseMatrix, rows: Uint32Array): number {
  return rows.reduce((sum, row) => sum + offsets[row + 1]! - offsets[row]!, 0);
}
