import { checkDuplicates, type DuplicatePolicy } from "./duplicates.js";
import { BLOCK_ROWS, type Column, checkColumn, type IdColumn, internColumn, readNumbers } from "./id-column.js";
import type { Id } from "./id-index.js";
import { assembleParts, type InteractionParts } from "./interaction-parts.js";
import { checkKnownOptions, describeValue } from "./options.js";
import { checkEntryCount, type EntryBlock, RowSorter } from "./row-sorter.js";

/** Interactions as columns of equal length: arrays, or typed arrays of numbers. Not kept, not written to. */
export interface InteractionColumns {
  users: Column<Id>;
  items: Column<Id>;
  /** Finite numbers, also in f32; absent: each is 1. */
  values?: Column<number> | undefined;
  /** Finite numbers, in whatever unit. */
  timestamps?: Column<number> | undefined;
}

/** Options of `Interactions.fromColumns`. */
export interface ColumnsOptions {
  /** What to do with repeated (user, item) pairs; default "error". */
  duplicates?: DuplicatePolicy | undefined;
}

/** Columns → the parts of an `Interactions`, in blocks: the only array per row is the result (and indices, if hashed). */
export function readColumns(columns: InteractionColumns, options: ColumnsOptions): InteractionParts {
  checkKnownOptions("fromColumns", options, ["duplicates"]);
  checkColumns(columns);
  const { duplicates = "error" } = options;
  checkDuplicates(duplicates);
  const { users, items, values, timestamps } = columns;
  const userColumn = internColumn(users, "users");
  const itemColumn = internColumn(items, "items");
  const sorter = new RowSorter(userColumn.index.size, timestamps !== undefined);
  const rows = new Uint32Array(BLOCK_ROWS);
  for (let begin = 0; begin < users.length; begin += BLOCK_ROWS) {
    const end = Math.min(begin + BLOCK_ROWS, users.length);
    userColumn.translate(begin, end, rows);
    sorter.count(rows, end - begin);
  }
  placeColumns(sorter, userColumn, itemColumn, users.length, values, timestamps);
  return assembleParts(userColumn.index, itemColumn.index, sorter.finish(), duplicates);
}

function checkColumns(columns: InteractionColumns): void {
  checkKnownOptions("fromColumns", columns, ["users", "items", "values", "timestamps"]);
  const lengths: string[] = [];
  for (const name of ["users", "items", "values", "timestamps"] as const) {
    const column = columns[name];
    if (column === undefined && (name === "values" || name === "timestamps")) continue;
    checkColumn(name, column);
    lengths.push(`${name}: ${column!.length}`);
    checkEntryCount(column!.length);
  }
  const numRows = columns.users.length;
  const { items, values, timestamps } = columns;
  if ([items, values, timestamps].some((column) => column !== undefined && column.length !== numRows)) {
    throw new RangeError(`columns must have equal lengths, got ${lengths.join(", ")}`);
  }
}

function placeColumns(
  sorter: RowSorter,
  users: IdColumn,
  items: IdColumn,
  numRows: number,
  values: Column<number> | undefined,
  timestamps: Column<number> | undefined,
): void {
  const block: EntryBlock = {
    length: 0,
    rows: new Uint32Array(BLOCK_ROWS),
    columns: new Uint32Array(BLOCK_ROWS),
    values: values && new Float32Array(BLOCK_ROWS),
    timestamps: timestamps && new Float64Array(BLOCK_ROWS),
  };
  const numbers = new Float64Array(BLOCK_ROWS);
  for (let begin = 0; begin < numRows; begin += BLOCK_ROWS) {
    const end = Math.min(begin + BLOCK_ROWS, numRows);
    block.length = end - begin;
    users.translate(begin, end, block.rows);
    items.translate(begin, end, block.columns);
    if (values !== undefined) {
      readFinite(values, "values", begin, end, numbers, block.values!);
    }
    if (timestamps !== undefined) readFinite(timestamps, "timestamps", begin, end, numbers, block.timestamps!);
    sorter.place(block);
  }
}

/** Rows [begin, end) to `out`, rounded to its precision. @throws if one is not finite there. */
function readFinite(
  column: Column<number>,
  name: string,
  begin: number,
  end: number,
  numbers: Float64Array,
  out: Float32Array | Float64Array,
): void {
  const length = readNumbers(column, begin, end, numbers);
  out.set(length === numbers.length ? numbers : numbers.subarray(0, length));
  let sound = 0;
  while (sound < length && Math.abs(out[sound]!) < Infinity) sound++;
  if (sound === end - begin) return;
  const value: unknown = column[begin + sound];
  const rule = Number.isFinite(value) ? "a finite 32-bit float" : "a finite number";
  const message = `row ${begin + sound}, ${name}: must be ${rule}, got ${describeValue(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}
