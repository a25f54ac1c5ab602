import { checkDuplicates, type DuplicatePolicy } from "../duplicates.js";
import { checkBoolean, checkInteger, checkKnownOptions, checkOneOf, reject } from "../options.js";

/** A column by its name in the header, or by its position, from 0. */
export type CsvColumn = string | number;

/** Which column is what. Only these are read; without `value`, each value is 1. */
export interface CsvColumns {
  user: CsvColumn;
  item: CsvColumn;
  value?: CsvColumn | undefined;
  timestamp?: CsvColumn | undefined;
}

/** How far reading has come. */
export interface CsvProgress {
  /** Bytes read. */
  bytes: number;
  /** Rows kept. */
  rows: number;
  /** Bytes there are, where the source tells. */
  totalBytes: number | undefined;
}

/** Options of `Interactions.fromCsv`. */
export interface CsvOptions {
  /** What stands between columns: any text, such as "," "\t" ";" "::" " ". Default "auto": seen from the first row. */
  separator?: string | undefined;
  /**
   * Whether the first row names the columns. Default "auto": it does if the names of a user and an item column are known,
   * or `columns` gives names; otherwise a row with a number in it is data.
   */
  header?: boolean | "auto" | undefined;
  /** Default: by the usual names, such as userId, item_id, rating, timestamp; without a header, 0, 1, 2 and 3. */
  columns?: CsvColumns | undefined;
  /** What ids become. Default "auto": numbers if all in the column are whole numbers as a program writes them. */
  ids?: "auto" | "string" | "number" | undefined;
  /** Whether quotes enclose fields (RFC 4180). Default true; false reads them as text. */
  quotes?: boolean | undefined;
  /** What to do with repeated (user, item) pairs; default "error". */
  duplicates?: DuplicatePolicy | undefined;
  /** Whether a row that breaks a rule is an error (the default) or is left out and counted in `skippedRows`. */
  invalidRows?: "error" | "skip" | undefined;
  /** Stops reading; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called about once a mebibyte and at the end. */
  onProgress?: ((progress: CsvProgress) => void) | undefined;
}

/** The options with their defaults. */
export interface CheckedCsvOptions {
  separator: string;
  header: boolean | "auto";
  columns: CsvColumns | undefined;
  ids: "auto" | "string" | "number";
  quotes: boolean;
  duplicates: DuplicatePolicy;
  skipInvalid: boolean;
  signal: AbortSignal | undefined;
  onProgress: ((progress: CsvProgress) => void) | undefined;
}

const NAMES = [
  "separator",
  "header",
  "columns",
  "ids",
  "quotes",
  "duplicates",
  "invalidRows",
  "signal",
  "onProgress",
] as const satisfies (keyof CsvOptions)[];

/** @throws if an option is unknown or breaks its rule. */
export function checkCsvOptions(options: CsvOptions): CheckedCsvOptions {
  checkKnownOptions("fromCsv", options, NAMES);
  const { separator = "auto", header = "auto", ids = "auto", quotes = true, duplicates = "error" } = options;
  const { columns, invalidRows = "error", signal, onProgress } = options;
  checkBoolean("quotes", quotes);
  checkSeparator(separator, quotes);
  if (header !== "auto" && typeof header !== "boolean") reject("header", 'true, false or "auto"', header, "string");
  checkOneOf("ids", ids, ["auto", "string", "number"]);
  checkDuplicates(duplicates);
  checkOneOf("invalidRows", invalidRows, ["error", "skip"]);
  if (columns !== undefined) checkColumnNames(columns, header);
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    reject("signal", "an AbortSignal", signal, "none");
  }
  if (onProgress !== undefined && typeof onProgress !== "function")
    reject("onProgress", "a function", onProgress, "none");
  const skipInvalid = invalidRows === "skip";
  return { separator, header, columns, ids, quotes, duplicates, skipInvalid, signal, onProgress };
}

function checkSeparator(separator: unknown, quotes: boolean): void {
  const rule = `a text without line breaks${quotes ? " and quotes" : ""}, or "auto"`;
  if (typeof separator !== "string" || separator === "" || /[\r\n]/.test(separator)) {
    reject("separator", rule, separator, "string");
  }
  if (quotes && separator.includes('"')) reject("separator", rule, separator, "string");
}

function checkColumnNames(columns: CsvColumns, header: boolean | "auto"): void {
  checkKnownOptions("columns", columns, ["user", "item", "value", "timestamp"]);
  for (const role of ["user", "item", "value", "timestamp"] as const) {
    const column = columns[role];
    if (column === undefined && (role === "value" || role === "timestamp")) continue;
    const name = `columns.${role}`;
    if (typeof column === "number") checkInteger(name, column, 0);
    else if (typeof column !== "string") reject(name, "a column's name, or its position from 0", column, "none");
    else if (header === false) reject(name, "a position, from 0, as header is false", column, "string");
  }
}
