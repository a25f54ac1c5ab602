import { ID_RULE, type Id, type IdIndex, IdIndexBuilder } from "../id-index.js";
import { ByteInterner } from "./byte-interner.js";
import { decodeText, parseText } from "./parse-number.js";

const IDS_PER_STEP = 2 ** 16;
const LONGEST_INTEGER = 17; // "-9007199254740992"
const ZERO = 0x30;
const SMALL_INTEGERS = 2 ** 22; // a table of 16 MiB at most
const SMALL_INTEGER_DIGITS = 7;
const ASCII_END = 0x80;

/** Ids are made distinct by their bytes, so two texts with U+FFFD for bad bytes must not come through as one id. */
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The ids of one column of a CSV file. A key numbers the distinct texts; `finish` tells the index of each key. */
export class CsvIds {
  readonly #interner = new ByteInterner();
  /** For ids that are small integers, 1 + the key, or 0: nothing to hash. It grows with the ids. */
  #keyOfInteger = new Uint32Array(2 ** 10);
  readonly #kind: "auto" | "string" | "number";
  #allIntegers = true;

  constructor(kind: "auto" | "string" | "number") {
    this.#kind = kind;
  }

  /** The key of bytes [start, end), or −1 if they are new. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const integer = smallInteger(bytes, start, end);
    if (integer < 0) return this.#interner.find(bytes, start, end);
    return integer < this.#keyOfInteger.length ? this.#keyOfInteger[integer]! - 1 : -1;
  }

  /** The rule that new bytes break, or undefined if they may be added. */
  brokenRule(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (start === end) return ID_RULE;
    if (this.#kind === "number") {
      return Number.isFinite(parseText(decodeText(bytes, start, end))) ? undefined : "a finite number";
    }
    return isUtf8(bytes, start, end) ? undefined : "UTF-8 text";
  }

  /** Adds bytes that are new and break no rule. @returns their key */
  add(bytes: Uint8Array, start: number, end: number): number {
    this.#allIntegers &&= isInteger(bytes, start, end);
    const key = this.#interner.add(bytes, start, end);
    const integer = smallInteger(bytes, start, end);
    if (integer >= 0) this.#noteInteger(integer, key);
    return key;
  }

  #noteInteger(integer: number, key: number): void {
    if (integer >= this.#keyOfInteger.length) {
      const larger = new Uint32Array(2 ** (32 - Math.clz32(integer)));
      larger.set(this.#keyOfInteger);
      this.#keyOfInteger = larger;
    }
    this.#keyOfInteger[integer] = key + 1;
  }

  /**
   * The ids, in steps of a few milliseconds.
   * @returns their index, and the index of each key if that is not the key itself (ids "1" and "1.0" as numbers)
   */
  *finishInSteps(): Generator<void, { index: IdIndex; indexOfKey: Uint32Array | undefined }> {
    const interner = this.#interner;
    const asNumbers = this.#kind === "number" || (this.#kind === "auto" && this.#allIntegers);
    const builder = new IdIndexBuilder();
    const indexOfKey = new Uint32Array(interner.size);
    for (let key = 0; key < interner.size; key++) {
      const text = strictDecoder.decode(interner.bytesOf(key));
      const id: Id = asNumbers ? Number(text) : text;
      indexOfKey[key] = builder.add(id);
      if (key % IDS_PER_STEP === IDS_PER_STEP - 1) yield;
    }
    return { index: builder.finish(), indexOfKey: builder.size < interner.size ? indexOfKey : undefined };
  }
}

/** The number that the bytes spell as a whole number in [0, SMALL_INTEGERS) is written, or −1. */
function smallInteger(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SMALL_INTEGER_DIGITS || start === end || (bytes[start] === ZERO && end - start > 1)) return -1;
  let integer = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    integer = integer * 10 + digit;
  }
  return integer < SMALL_INTEGERS ? integer : -1;
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at]! < ASCII_END) at++;
  if (at === end) return true;
  try {
    strictDecoder.decode(bytes.subarray(start, end));
    return true;
  } catch {
    return false;
  }
}

/** Whether the bytes are a whole number up to ±2^53 just as `String(number)` writes it. */
function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_INTEGER) return false;
  const text = decodeText(bytes, start, end);
  const number = Number(text);
  return Number.isInteger(number) && Math.abs(number) <= 2 ** 53 && String(number) === text;
}
