/** A column of ids in memory → an IdIndex and dense indices, without a hash look-up per row where ids are small integers. */
import { badId, type Id, IdIndex, IdIndexBuilder, isId } from "./id-index.js";
import { describeValue } from "./options.js";

/** A typed array of numbers, or an ordinary array. */
export type Column<Value> =
  | readonly Value[]
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Rows handled at a time: one block of scratch stays in the second-level cache. */
export const BLOCK_ROWS = 2 ** 14;

/** A look-up table may have this many entries however short the column is: 4 MiB. */
const SMALL_TABLE = 2 ** 20;

/** The ids of a column, and their indices on demand. */
export interface IdColumn {
  readonly index: IdIndex;
  /** Writes the indices of rows [begin, end) to `out`. */
  translate(begin: number, end: number, out: Uint32Array): void;
}

/** @throws {TypeError} unless `column` is an array or a typed array of numbers. */
export function checkColumn(name: string, column: unknown): void {
  const typed = ArrayBuffer.isView(column) && !(column instanceof DataView) && typeof at(column, 0) !== "bigint";
  if (!typed && !Array.isArray(column)) {
    throw new TypeError(`${name} must be an array or a typed array of numbers, got ${describeValue(column)}`);
  }
}

function at(column: unknown, row: number): unknown {
  return (column as ArrayLike<unknown>)[row];
}

/**
 * Copies rows [begin, end) to `out` as f64, as long as they are numbers. One type of array for the loops that follow, so
 * that they compile to plain loads.
 * @returns how many were copied before the first that is no number
 */
export function readNumbers(column: Column<unknown>, begin: number, end: number, out: Float64Array): number {
  if (!Array.isArray(column)) {
    out.set((column as Float64Array).subarray(begin, end));
    return end - begin;
  }
  for (let row = begin; row < end; row++) {
    const value: unknown = column[row];
    if (typeof value !== "number") return row - begin;
    out[row - begin] = value;
  }
  return end - begin;
}

/** The ids of a column in order of first appearance. @throws if one breaks the rule for ids; `name` is the column's. */
export function internColumn(ids: Column<Id>, name: string): IdColumn {
  const bound = integerBound(ids);
  return bound > 0 ? internIntegers(ids, bound) : internAny(ids, name);
}

/** 1 + the greatest id if all are whole numbers small enough for a table, else 0. */
function integerBound(ids: Column<Id>): number {
  const limit = Math.max(SMALL_TABLE, ids.length);
  const block = new Float64Array(BLOCK_ROWS);
  let greatest = -1;
  for (let begin = 0; begin < ids.length; begin += BLOCK_ROWS) {
    const end = Math.min(begin + BLOCK_ROWS, ids.length);
    if (readNumbers(ids, begin, end, block) < end - begin) return 0;
    for (let row = 0; row < end - begin; row++) {
      const id = block[row]!;
      if (!(id >= 0 && id < limit) || id !== Math.floor(id)) return 0;
      if (id > greatest) greatest = id;
    }
  }
  return greatest + 1;
}

/** A direct table: table[id] is 1 + the index. */
function internIntegers(ids: Column<Id>, bound: number): IdColumn {
  const table = new Uint32Array(bound);
  const known: number[] = [];
  const block = new Float64Array(BLOCK_ROWS);
  for (let begin = 0; begin < ids.length; begin += BLOCK_ROWS) {
    const length = readNumbers(ids, begin, Math.min(begin + BLOCK_ROWS, ids.length), block);
    for (let row = 0; row < length; row++) {
      const id = block[row]!;
      if (table[id] === 0) table[id] = known.push(id === 0 ? 0 : id); // no -0
    }
  }
  const translate = (begin: number, end: number, out: Uint32Array): void => {
    readNumbers(ids, begin, end, block);
    for (let row = 0; row < end - begin; row++) out[row] = table[block[row]!]! - 1;
  };
  return { index: new IdIndex(known), translate };
}

/** Strings, large or fractional numbers: hashed, one u32 kept per row. */
function internAny(ids: Column<Id>, name: string): IdColumn {
  const builder = new IdIndexBuilder();
  const indices = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (!isId(id)) throw badId(`row ${row}, ${name}:`, id);
    indices[row] = builder.add(id);
  }
  const translate = (begin: number, end: number, out: Uint32Array): void => out.set(indices.subarray(begin, end));
  return { index: builder.finish(), translate };
}
