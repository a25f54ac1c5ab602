/** ISO 8601 dates from bytes. Not `Date.parse`, which reads a time without a zone in the zone of the machine. */

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTE = 60_000;

/** Where `DateReader` stands and what it has to read. */
class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  /** The next byte if it is one of `choices`, else 0; it is consumed. */
  take(choices: string): number {
    const byte = this.at < this.end ? this.bytes[this.at]! : 0;
    if (!choices.includes(String.fromCharCode(byte))) return 0;
    this.at++;
    return byte;
  }

  /** The number of exactly `length` digits, or NaN. */
  digits(length: number): number {
    let number = 0;
    for (let digit = 0; digit < length; digit++) {
      const value = this.at < this.end ? this.bytes[this.at++]! - ZERO : -1;
      if (value < 0 || value > 9) return Number.NaN;
      number = number * 10 + value;
    }
    return number;
  }
}

/**
 * Milliseconds since 1970 UTC of `YYYY-MM-DD`, optionally followed by `T` or a space, `hh:mm`, `:ss`, `.fff…` (cut after
 * milliseconds) and `Z` or `±hh:mm`; without a zone, UTC. Years from 0100. NaN for anything else and for dates that no
 * calendar has.
 */
export function parseDate(bytes: Uint8Array, start: number, end: number): number {
  const cursor = new Cursor(bytes, start, end);
  const year = cursor.digits(4);
  const month = cursor.take("-") === DASH ? cursor.digits(2) : Number.NaN;
  const day = cursor.take("-") === DASH ? cursor.digits(2) : Number.NaN;
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  if (cursor.at === end) return midnight;
  if (cursor.take("Tt ") === 0) return Number.NaN;
  const time = readTime(cursor);
  const zone = readZone(cursor);
  return cursor.at === end ? midnight + time - zone : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return DAYS_IN_MONTH[month - 1]!;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** `hh:mm[:ss[.fff…]]` in milliseconds. */
function readTime(cursor: Cursor): number {
  const hours = cursor.digits(2);
  const minutes = cursor.take(":") === COLON ? cursor.digits(2) : Number.NaN;
  const seconds = cursor.take(":") === COLON ? cursor.digits(2) : 0;
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN;
  let milliseconds = 0;
  if (cursor.take(".") !== 0) {
    let unit = 100;
    let digit = cursor.digits(1);
    while (digit >= 0) {
      milliseconds += Math.floor(digit * unit);
      unit = unit > 1 ? unit / 10 : 0;
      const byte = cursor.at < cursor.end ? cursor.bytes[cursor.at]! : 0;
      if (byte < ZERO || byte > ZERO + 9) break;
      digit = cursor.digits(1);
    }
    if (Number.isNaN(digit)) return Number.NaN;
  }
  return (hours * 60 + minutes) * MINUTE + seconds * 1000 + milliseconds;
}

/** `Z`, `±hh:mm`, `±hhmm` or nothing, in milliseconds east of UTC. */
function readZone(cursor: Cursor): number {
  if (cursor.at === cursor.end || cursor.take("Zz") !== 0) return 0;
  const sign = cursor.take("+-");
  if (sign === 0) return Number.NaN;
  const hours = cursor.digits(2);
  cursor.take(":");
  const minutes = cursor.digits(2);
  if (!(hours < 24 && minutes < 60)) return Number.NaN;
  return (sign === DASH ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}
