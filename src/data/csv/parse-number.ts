/** Numbers from bytes, without a string where that is possible exactly. */

const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;

/** Any number of so many decimal digits is below 2^53, hence exact in f64. */
const EXACT_DIGITS = 15;

/** 10^0 … 10^15, all exact in f64. */
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The number that bytes [start, end) spell: bit for bit `Number(text)`, but NaN where there is nothing but white space.
 *
 * Up to 15 digits with a decimal point are the quotient of two exact integers, and IEEE 754 rounds a quotient correctly
 * (Clinger 1990, "How to read floating point numbers accurately"); anything else goes through a string.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  const firstDigit = at;
  let mantissa = 0;
  while (at < end) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    at++;
  }
  let digits = at - firstDigit;
  let decimals = 0;
  if (at < end && bytes[at] === DOT) {
    const firstDecimal = ++at;
    while (at < end) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      at++;
    }
    decimals = at - firstDecimal;
    digits += decimals;
  }
  if (at !== end || digits === 0 || digits > EXACT_DIGITS) return parseText(decodeText(bytes, start, end));
  const magnitude = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
  return negative ? -magnitude : magnitude;
}

/** `Number(text)`, but NaN for a text of nothing but white space. */
export function parseText(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** The text of bytes [start, end), with U+FFFD where they are not UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
