/** Which column of a file is what, from its first row and the options. */
import { nearestTexts } from "../edit-distance.js";
import { describeValue } from "../options.js";
import type { CheckedCsvOptions, CsvColumn, CsvColumns } from "./csv-options.js";
import { parseText } from "./parse-number.js";

/** What a column is for. */
export type Role = "user" | "item" | "value" | "timestamp";

/** Positions of the columns that are read, from 0; −1 for those that are not there. */
export interface Layout extends Record<Role, number> {
  /** How many columns every row must have. */
  numColumns: number;
  /** The names of the columns, if the first row is a header. */
  header: readonly string[] | undefined;
}

const ROLES: readonly Role[] = ["user", "item", "value", "timestamp"];

/** Names that need no `columns` option, in lower case, without anything but letters and digits. */
const KNOWN_NAMES: Record<Role, ReadonlySet<string>> = {
  user: new Set(
    "userid user uid username customerid customer clientid reviewerid visitorid memberid accountid".split(" "),
  ),
  item: new Set(
    (
      "itemid item iid movieid movie mid filmid animeid productid product asin sku isbn bookid articleid songid trackid " +
      "artistid gameid recipeid businessid contentid"
    ).split(" "),
  ),
  value: new Set("rating value score count stars weight strength plays playcount quantity".split(" ")),
  timestamp: new Set("timestamp time ts date datetime unixtime createdat eventtime".split(" ")),
};

/**
 * The layout that the first row's fields and the options make.
 * @throws if a column cannot be found or told; the message lists what there is
 */
export function findLayout(fields: readonly string[], options: CheckedCsvOptions, label: string): Layout {
  const { columns, header } = options;
  const chosen = columns && chosenColumns(fields, columns);
  const isHeader = header === "auto" ? looksLikeHeader(fields, columns, label) : header;
  const found = chosen ?? (isHeader ? namedColumns(fields, label) : firstColumns(fields, label));
  return { ...found, numColumns: fields.length, header: isHeader ? fields : undefined };
}

function looksLikeHeader(fields: readonly string[], columns: CsvColumns | undefined, label: string): boolean {
  if (columns !== undefined && Object.values(columns).some((column) => typeof column === "string")) return true;
  if (candidates(fields, "user").length > 0 && candidates(fields, "item").length > 0) return true;
  if (fields.some((field) => !Number.isNaN(parseText(field)))) return false;
  if (columns === undefined || columns.value !== undefined) return true; // data would have a number
  const row = fields.map(describeValue).join(", ");
  throw new Error(`${label}: header must be true or false where the first row may be either, got ${row}`);
}

/** Positions of the columns whose names are known for a role. */
function candidates(fields: readonly string[], role: Role): number[] {
  const known = (field: string): boolean => KNOWN_NAMES[role].has(field.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));
  return [...fields.keys()].filter((position) => known(fields[position]!));
}

function namedColumns(fields: readonly string[], label: string): Record<Role, number> {
  const found = { user: -1, item: -1, value: -1, timestamp: -1 };
  for (const role of ROLES) {
    const [first, second] = candidates(fields, role);
    if (second !== undefined) {
      const both = `${describeValue(fields[first!])} and ${describeValue(fields[second])}`;
      throw new Error(`${label}: the header must have one column for the ${role}, got ${both}; ${howToSay(fields)}`);
    }
    if (first !== undefined) found[role] = first;
    else if (role === "user" || role === "item") {
      const names = fields.map(describeValue).join(", ");
      const rule = `the header must name the ${role} column in a known way (such as ${role}Id)`;
      throw new Error(`${label}: ${rule}, got ${names}; ${howToSay(fields)}, or header: false if it is data`);
    }
  }
  return found;
}

function howToSay(fields: readonly string[]): string {
  const example = ROLES.slice(0, Math.min(3, fields.length)).map((role, at) => `${role}: ${describeValue(fields[at])}`);
  return `say which to read, like columns: { ${example.join(", ")} }`;
}

function firstColumns(fields: readonly string[], label: string): Record<Role, number> {
  const { length } = fields;
  if (length < 2) {
    throw new Error(`${label}: rows must have at least a user and an item column, got ${describeValue(fields[0])}`);
  }
  return { user: 0, item: 1, value: length > 2 ? 2 : -1, timestamp: length > 3 ? 3 : -1 };
}

function chosenColumns(fields: readonly string[], columns: CsvColumns): Record<Role, number> {
  const found = { user: -1, item: -1, value: -1, timestamp: -1 };
  for (const role of ROLES) {
    const column = columns[role];
    if (column === undefined) continue;
    const position = positionOf(fields, column, role);
    const other = ROLES.find((taken) => found[taken] === position);
    if (other !== undefined) {
      throw new RangeError(`columns.${role} must differ from columns.${other}, got ${describeValue(column)} for both`);
    }
    found[role] = position;
  }
  return found;
}

function positionOf(fields: readonly string[], column: CsvColumn, role: Role): number {
  if (typeof column === "number") {
    if (column < fields.length) return column;
    throw new RangeError(`columns.${role} must be below ${fields.length}, the number of columns, got ${column}`);
  }
  let position = fields.indexOf(column);
  if (position < 0) position = fields.findIndex((field) => field.trim() === column.trim());
  if (position >= 0) return position;
  const [nearest] = nearestTexts(column, fields, 1);
  const hint = nearest === undefined ? "" : `; did you mean ${describeValue(nearest)}?`;
  const names = fields.map(describeValue).join(", ");
  throw new RangeError(`columns.${role} must be one of ${names}, got ${describeValue(column)}${hint}`);
}
