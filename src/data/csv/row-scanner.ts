/** Bytes → the fields of one row (RFC 4180, with any separator and any line break). */

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/**
 * Finds the fields of a row. A field that begins with a quote runs to the closing quote, and "" in it is one quote; a
 * quote anywhere else is text. A row ends at LF, CR LF or CR.
 */
export class RowScanner {
  /** Field f of the last row is bytes [starts[f], ends[f]), without its quotes. */
  starts = new Int32Array(16);
  ends = new Int32Array(16);
  numFields = 0;
  /** Lines the last row took: more than one if line breaks are quoted. */
  numLines = 1;
  /** Whether the last row ended with a line break, not with the data. */
  terminated = false;
  /** The first field with text after its closing quote, or −1. */
  strayField = -1;
  /** Whether the data ended inside quotes. */
  unclosed = false;
  /** Which fields hold "" and have to be unescaped. */
  readonly #escaped: number[] = [];
  readonly #separator: Uint8Array;
  readonly #quotes: boolean;

  /** @param separator one byte or more @param quotes whether quotes mean anything */
  constructor(separator: Uint8Array, quotes: boolean) {
    this.#separator = separator;
    this.#quotes = quotes;
  }

  /**
   * Scans the row that begins at `begin`. If it is complete, unescapes its fields in place.
   * @param final whether the data end at `end`
   * @returns where the next row begins, or −1 if the row is not complete yet
   */
  scan(bytes: Uint8Array, begin: number, end: number, final: boolean): number {
    this.numLines = 1;
    this.terminated = true;
    this.strayField = -1;
    const next = this.#scanPlain(bytes, begin, end);
    return next >= 0 ? next : this.#scanAny(bytes, begin, end, final);
  }

  /** The short way through most rows: one byte separates, nothing is quoted, and the line break is there. Else −1. */
  #scanPlain(bytes: Uint8Array, begin: number, end: number): number {
    const { starts, ends } = this;
    const separator = this.#separator[0]!;
    if (this.#separator.length > 1) return -1;
    const quote = this.#quotes ? QUOTE : -1;
    if (bytes[begin] === quote) return -1;
    let field = 0;
    starts[0] = begin;
    for (let at = begin; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > CR && byte !== separator) continue; // most bytes
      if (byte === separator) {
        ends[field++] = at;
        if (field === starts.length || bytes[at + 1] === quote) return -1;
        starts[field] = at + 1;
      } else if (byte === LF || byte === CR) {
        if (byte === CR && (at + 1 >= end || bytes[at + 1] !== LF)) return -1;
        ends[field] = at;
        this.numFields = field + 1;
        return byte === CR ? at + 2 : at + 1;
      }
    }
    return -1;
  }

  #scanAny(bytes: Uint8Array, begin: number, end: number, final: boolean): number {
    this.numFields = 0;
    this.terminated = false;
    this.unclosed = false;
    this.#escaped.length = 0;
    const separatorBytes = this.#separator.length;
    for (let at = begin; ; at += separatorBytes) {
      at = this.#scanField(bytes, at, end, final);
      if (at < 0) return -1;
      const byte = at < end ? bytes[at]! : LF;
      if (byte !== LF && byte !== CR) continue; // a separator
      this.terminated = at < end;
      if (byte === CR && at + 1 >= end && !final) return -1; // an LF may follow
      for (const field of this.#escaped) this.#unescape(bytes, field);
      if (at >= end) return end;
      return byte === CR && at + 1 < end && bytes[at + 1] === LF ? at + 2 : at + 1;
    }
  }

  /** Adds the field that begins at `begin`. @returns where its separator or line break is, or −1 if that is to come */
  #scanField(bytes: Uint8Array, begin: number, end: number, final: boolean): number {
    let start = begin;
    let at = begin;
    let stop = -1;
    if (this.#quotes && at < end && bytes[at] === QUOTE) {
      start = at + 1;
      stop = this.#closingQuote(bytes, start, end);
      this.unclosed = stop < 0 && final;
      if (stop < 0) return -1;
      at = stop + 1;
    }
    const text = at;
    const separator = this.#separator;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === LF || byte === CR) break;
      if (byte === separator[0] && this.#isSeparator(bytes, at, end)) break;
    }
    if (at >= end && !final) return -1; // the rest of a separator, or a second quote, may follow
    if (stop >= 0 && at > text && this.strayField < 0) this.strayField = this.numFields;
    this.#addField(start, stop >= 0 ? stop : at);
    return at;
  }

  #addField(start: number, end: number): void {
    const field = this.numFields++;
    if (field === this.starts.length) {
      const { starts, ends } = this;
      this.starts = new Int32Array(2 * field);
      this.ends = new Int32Array(2 * field);
      this.starts.set(starts);
      this.ends.set(ends);
    }
    this.starts[field] = start;
    this.ends[field] = end;
  }

  #isSeparator(bytes: Uint8Array, at: number, end: number): boolean {
    const separator = this.#separator;
    if (at + separator.length > end) return false;
    for (let offset = 1; offset < separator.length; offset++) {
      if (bytes[at + offset] !== separator[offset]) return false;
    }
    return true;
  }

  /** Where the quote is that closes the field whose text begins at `start`, or −1. */
  #closingQuote(bytes: Uint8Array, start: number, end: number): number {
    let escaped = false;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.numLines++;
      if (byte !== QUOTE) continue;
      if (at + 1 >= end || bytes[at + 1] !== QUOTE) {
        if (escaped) this.#escaped.push(this.numFields);
        return at;
      }
      escaped = true;
      at++;
    }
    return -1;
  }

  #unescape(bytes: Uint8Array, field: number): void {
    let written = this.starts[field]!;
    for (let at = written; at < this.ends[field]!; at++) {
      bytes[written++] = bytes[at]!;
      if (bytes[at] === QUOTE) at++;
    }
    this.ends[field] = written;
  }
}
