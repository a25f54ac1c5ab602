import type { CheckedCsvOptions } from "./csv-options.js";
import { detectSeparator, SIGNATURE_BYTES, textBegin } from "./dialect.js";
import { decodeText } from "./parse-number.js";
import { RowReader, strayRule } from "./row-reader.js";
import { RowScanner } from "./row-scanner.js";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const FIRST_CAPACITY = 2 ** 16;
const LONGEST_ROW = 2 ** 24; // bytes; an unclosed quote is told before it has swallowed the file
/** An incomplete row longer than this is scanned again only once it has doubled, so that small chunks stay linear. */
const LONG_ROW = 2 ** 12;

/** Bytes in any cut → entries. `push` every chunk, then `finish`. */
export class CsvParser {
  readonly #options: CheckedCsvOptions;
  readonly #label: string;
  #buffer = new Uint8Array(FIRST_CAPACITY);
  /** The bytes not read yet are [#begin, #end). */
  #begin = 0;
  #end = 0;
  #nextScan = 0;
  #line = 1;
  #textFound = false;
  #scanner: RowScanner | undefined;
  #reader: RowReader | undefined;

  /** @param label the source's name, for messages */
  constructor(options: CheckedCsvOptions, label: string) {
    this.#options = options;
    this.#label = label;
  }

  /** How many rows were kept so far. */
  get numRows(): number {
    return this.#reader?.entries.size ?? 0;
  }

  /** Reads on. The chunk is copied. @throws at the first row that breaks a rule, unless those are skipped */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    if (this.#end - this.#begin >= this.#nextScan) this.#readRows(false);
  }

  /** Reads what is left. @returns all that was read, or undefined if there was not even a first row */
  finish(): RowReader | undefined {
    this.#readRows(true);
    this.#buffer = new Uint8Array(0);
    return this.#reader;
  }

  #append(chunk: Uint8Array): void {
    const kept = this.#end - this.#begin;
    if (kept + chunk.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(kept + chunk.length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(this.#begin, this.#end));
      this.#buffer = larger;
    } else if (this.#begin > 0) this.#buffer.copyWithin(0, this.#begin, this.#end);
    this.#buffer.set(chunk, kept);
    this.#begin = 0;
    this.#end = kept + chunk.length;
  }

  #readRows(final: boolean): void {
    if (!this.#findText(final)) return;
    const scanner = this.#findScanner(final);
    if (scanner === undefined) {
      this.#waitForMore();
      return;
    }
    const bytes = this.#buffer;
    const end = this.#end;
    while (this.#begin < end) {
      const next = scanner.scan(bytes, this.#begin, end, final);
      if (next < 0) break;
      if (!this.#isBlank(scanner)) {
        if (this.#reader === undefined) this.#reader = this.#readFirstRow(scanner);
        else this.#readRow(this.#reader, scanner);
      }
      this.#begin = next;
      this.#line += scanner.numLines;
    }
    if (this.#begin < end) this.#checkIncomplete(scanner);
    else this.#nextScan = 0;
  }

  /** Skips a byte order mark. @returns whether enough bytes are there to see */
  #findText(final: boolean): boolean {
    if (!this.#textFound) {
      if (this.#end < SIGNATURE_BYTES && !final) return false;
      this.#begin = textBegin(this.#buffer, this.#end, this.#label);
      this.#textFound = true;
    }
    return true;
  }

  /** The scanner, once the separator is known. */
  #findScanner(final: boolean): RowScanner | undefined {
    if (this.#scanner !== undefined) return this.#scanner;
    const { quotes } = this.#options;
    let { separator } = this.#options;
    if (separator === "auto") {
      if (!this.#skipBlankLines(final)) return undefined;
      const detected = detectSeparator(this.#buffer, this.#begin, this.#end, final, quotes);
      if (detected === undefined) return undefined;
      separator = detected;
    }
    this.#scanner = new RowScanner(new TextEncoder().encode(separator), quotes);
    return this.#scanner;
  }

  /** Skips blank lines before the first row. @returns whether a line follows that is not blank, as far as can be seen */
  #skipBlankLines(final: boolean): boolean {
    const bytes = this.#buffer;
    const end = this.#end;
    for (;;) {
      let at = this.#begin;
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      if (at === end && final) this.#begin = end;
      if (at === end || (bytes[at] === CR && at + 1 === end && !final)) return false; // an LF may follow the CR
      if (bytes[at] !== LF && bytes[at] !== CR) return true;
      this.#begin = at + (bytes[at] === CR && bytes[at + 1] === LF && at + 1 < end ? 2 : 1);
      this.#line++;
    }
  }

  #isBlank(scanner: RowScanner): boolean {
    if (scanner.numFields > 1 || scanner.strayField >= 0) return false;
    for (let at = scanner.starts[0]!; at < scanner.ends[0]!; at++) {
      if (this.#buffer[at] !== SPACE && this.#buffer[at] !== TAB) return false;
    }
    return true;
  }

  #checkIncomplete(scanner: RowScanner): void {
    const length = this.#end - this.#begin;
    if (scanner.unclosed) this.#fail("a quote must be closed, got the end of the data");
    if (length > LONGEST_ROW) this.#fail("a row must be at most 16 MiB, got more; is a quote left open?");
    this.#waitForMore();
  }

  #waitForMore(): void {
    const length = this.#end - this.#begin;
    this.#nextScan = length > LONG_ROW ? 2 * length : 0;
  }

  #readFirstRow(scanner: RowScanner): RowReader {
    const { starts, ends, strayField } = scanner;
    const bytes = this.#buffer;
    if (strayField >= 0) this.#fail(strayRule(bytes, starts[strayField]!, ends[strayField]!));
    const fields: string[] = [];
    for (let field = 0; field < scanner.numFields; field++) {
      fields.push(decodeText(bytes, starts[field]!, ends[field]!));
    }
    const reader = new RowReader(fields, this.#options, this.#label);
    if (!reader.hasHeader) this.#readRow(reader, scanner);
    return reader;
  }

  #readRow(reader: RowReader, scanner: RowScanner): void {
    reader.line = this.#line;
    reader.read(this.#buffer, scanner);
  }

  #fail(message: string): never {
    throw new Error(`${this.#label} line ${this.#line}: ${message}`);
  }
}
