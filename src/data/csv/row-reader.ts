import { EntryStore } from "../entry-store.js";
import { describeValue } from "../options.js";
import { CsvIds } from "./csv-ids.js";
import type { CheckedCsvOptions } from "./csv-options.js";
import { findLayout, type Layout, type Role } from "./layout.js";
import { parseDate } from "./parse-date.js";
import { decodeText, parseNumber } from "./parse-number.js";
import type { RowScanner } from "./row-scanner.js";

/** A row's fields → an entry, or an error that says what is wrong with them. */
export class RowReader {
  readonly users: CsvIds;
  readonly items: CsvIds;
  /** Rows left out as invalid. */
  skippedRows = 0;
  /** The line at which the row begins that is read next, from 1. */
  line = 1;
  readonly #skipInvalid: boolean;
  readonly #label: string;
  readonly #layout: Layout;
  readonly #entries: EntryStore;
  #timestampsAreDates: boolean | undefined;

  /** @param firstRow the fields of the first row, header or data @param label the source's name, for messages */
  constructor(firstRow: readonly string[], options: CheckedCsvOptions, label: string) {
    this.users = new CsvIds(options.ids);
    this.items = new CsvIds(options.ids);
    this.#skipInvalid = options.skipInvalid;
    this.#label = label;
    this.#layout = findLayout(firstRow, options, label);
    this.#entries = new EntryStore(this.#layout.value >= 0, this.#layout.timestamp >= 0);
  }

  /** Whether the first row is a header and not data. */
  get hasHeader(): boolean {
    return this.#layout.header !== undefined;
  }

  /** The entries so far, users and items by the keys of their ids. */
  get entries(): EntryStore {
    return this.#entries;
  }

  /** Adds the row that `scanner` has just found in `bytes`. @throws if it breaks a rule, unless such are skipped */
  read(bytes: Uint8Array, scanner: RowScanner): void {
    const { starts, ends, strayField } = scanner;
    const layout = this.#layout;
    if (scanner.numFields !== layout.numColumns) {
      this.#badShape(scanner);
      return;
    }
    if (strayField >= 0) {
      this.#bad(strayRule(bytes, starts[strayField]!, ends[strayField]!));
      return;
    }
    let value = 1;
    if (layout.value >= 0) {
      value = parseNumber(bytes, starts[layout.value]!, ends[layout.value]!);
      if (!(Math.abs(Math.fround(value)) < Infinity)) {
        this.#badField("value", Number.isFinite(value) ? "a finite 32-bit float" : "a finite number", bytes, scanner);
        return;
      }
    }
    let timestamp = 0;
    if (layout.timestamp >= 0) {
      timestamp = this.#timestamp(bytes, starts[layout.timestamp]!, ends[layout.timestamp]!);
      if (!(Math.abs(timestamp) < Infinity)) {
        this.#badField("timestamp", this.#timestampRule(), bytes, scanner);
        return;
      }
    }
    this.#addEntry(bytes, scanner, value, timestamp);
  }

  #addEntry(bytes: Uint8Array, scanner: RowScanner, value: number, timestamp: number): void {
    const { starts, ends } = scanner;
    const { user: userField, item: itemField } = this.#layout;
    let user = this.users.find(bytes, starts[userField]!, ends[userField]!);
    let item = this.items.find(bytes, starts[itemField]!, ends[itemField]!);
    if (user < 0 || item < 0) {
      // both are checked before either is added: a row left out leaves no id
      if (user < 0 && !this.#isSoundId("user", this.users, bytes, scanner)) return;
      if (item < 0 && !this.#isSoundId("item", this.items, bytes, scanner)) return;
      if (user < 0) user = this.users.add(bytes, starts[userField]!, ends[userField]!);
      if (item < 0) item = this.items.add(bytes, starts[itemField]!, ends[itemField]!);
    }
    this.#entries.append(user, item, value, timestamp);
  }

  #isSoundId(role: Role, ids: CsvIds, bytes: Uint8Array, scanner: RowScanner): boolean {
    const field = this.#layout[role];
    const rule = ids.brokenRule(bytes, scanner.starts[field]!, scanner.ends[field]!);
    if (rule !== undefined) this.#badField(role, rule, bytes, scanner);
    return rule === undefined;
  }

  /** The first timestamp decides whether they are numbers or dates, whose units differ. */
  #timestamp(bytes: Uint8Array, start: number, end: number): number {
    if (this.#timestampsAreDates === undefined) {
      const isNumber = Number.isFinite(parseNumber(bytes, start, end));
      if (!isNumber && Number.isNaN(parseDate(bytes, start, end))) return Number.NaN;
      this.#timestampsAreDates = !isNumber;
    }
    return this.#timestampsAreDates ? parseDate(bytes, start, end) : parseNumber(bytes, start, end);
  }

  #timestampRule(): string {
    if (this.#timestampsAreDates === undefined) return "a finite number or an ISO date";
    return this.#timestampsAreDates ? "an ISO date, as the first" : "a finite number, as the first";
  }

  #badShape(scanner: RowScanner): void {
    const { numColumns } = this.#layout;
    const torn = !scanner.terminated && scanner.numFields < numColumns;
    const where = torn ? "; the data end in the middle of a row" : "";
    this.#bad(`a row must have ${numColumns} columns, as the first has, got ${scanner.numFields}${where}`);
  }

  #badField(role: Role, rule: string, bytes: Uint8Array, scanner: RowScanner): void {
    if (this.#skipInvalid) {
      this.skippedRows++;
      return;
    }
    const field = this.#layout[role];
    const text = describeValue(decodeText(bytes, scanner.starts[field]!, scanner.ends[field]!));
    const column = describeValue(this.#layout.header?.[field] ?? field);
    throw new Error(`${this.#label} line ${this.line}, column ${column}: must be ${rule}, got ${text}`);
  }

  #bad(message: string): void {
    if (!this.#skipInvalid) throw new Error(`${this.#label} line ${this.line}: ${message}`);
    this.skippedRows++;
  }
}

/** The rule broken by text after a closing quote; bytes [start, end) are what the quotes enclose. */
export function strayRule(bytes: Uint8Array, start: number, end: number): string {
  const text = describeValue(decodeText(bytes, start, end));
  return `a closing quote must end its field, got more text after ${text}; quotes: false reads quotes as text`;
}
