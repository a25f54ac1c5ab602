/** Ids as the caller knows them (strings, numbers) against dense indices 0 … size − 1. */
import { nearestTexts } from "./edit-distance.js";
import { IdLookup } from "./id-lookup.js";
import { describeValue } from "./options.js";

/** A user's or an item's name in the caller's world: a non-empty string or a finite number. */
export type Id = string | number;

/** The rule every id obeys, as error messages put it. */
export const ID_RULE = "a non-empty string or a finite number";

/** Whether `id` may be an id: a non-empty string or a finite number. */
export function isId(id: unknown): id is Id {
  return typeof id === "string" ? id !== "" : typeof id === "number" && Number.isFinite(id);
}

/** Gives ids their indices in order of first appearance; `finish` makes the `IdIndex`. */
export class IdIndexBuilder {
  readonly #ids: Id[] = [];
  readonly #lookup: IdLookup;

  /** @param entriesPerMap ids in one Map before the next is begun (for tests). */
  constructor(entriesPerMap?: number) {
    this.#lookup = new IdLookup(entriesPerMap);
  }

  get size(): number {
    return this.#ids.length;
  }

  /** The index of `id`, which is given the next one if it is new. The id must be valid: see `isId`. */
  add(id: Id): number {
    const known = this.#lookup.get(id);
    if (known >= 0) return known;
    const index = this.#ids.length;
    this.#ids.push(id === 0 ? 0 : id); // -0 and 0 are one id
    this.#lookup.add(id, index);
    return index;
  }

  /** The finished index. The builder must not be used again. */
  finish(): IdIndex {
    return new IdIndex(this.#ids, this.#lookup);
  }
}

type IdKind = "number" | "string" | "mixed";

function kindOf(ids: readonly Id[]): IdKind {
  const first = typeof ids[0];
  for (const id of ids) if (typeof id !== first) return "mixed";
  return first === "number" ? "number" : "string";
}

/**
 * The ids of one side (users or items) and their dense indices. Immutable.
 *
 * Look-up forgives the difference between 31 and "31" where it cannot mislead: an index of numbers only finds a number
 * by its decimal text as well, an index of strings only finds a string by the number it is the text of. Where both kinds
 * are present, 31 and "31" are two ids.
 */
export class IdIndex implements Iterable<Id> {
  readonly #ids: readonly Id[];
  readonly #kind: IdKind;
  #lookup: IdLookup | undefined;

  /**
   * @internal Use `IdIndex.from`. The ids are trusted: valid, distinct, not changed afterwards. Without a lookup, one is
   * made when it is first needed.
   */
  constructor(ids: readonly Id[], lookup?: IdLookup) {
    this.#ids = ids;
    this.#kind = kindOf(ids);
    this.#lookup = lookup;
  }

  /**
   * The index whose i-th id is the i-th of `ids`.
   * @throws {TypeError} if an id is neither a string nor a number; {RangeError} if one is empty, not finite or repeated.
   */
  static from(ids: Iterable<Id>): IdIndex {
    const lookup = new IdLookup();
    const distinct: Id[] = [];
    for (const id of ids) {
      const row = distinct.length;
      if (!isId(id)) throw badId(`id ${row}:`, id);
      const own = id === 0 ? 0 : id; // -0 and 0 are one id
      if (!lookup.addDistinct(own, row)) {
        throw new RangeError(`id ${row}: must be distinct, got ${describeValue(id)} again`);
      }
      distinct.push(own);
    }
    return new IdIndex(distinct, lookup);
  }

  /** How many ids there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** The index of an id, or −1 if it is unknown. */
  indexOf(id: Id): number {
    const lookup = this.#lookup ?? this.#makeLookup();
    const exact = lookup.get(id);
    if (exact >= 0) return exact;
    if (typeof id === "string" && this.#kind === "number") {
      const number = Number(id);
      return String(number) === id ? lookup.get(number) : -1;
    }
    return typeof id === "number" && this.#kind === "string" ? lookup.get(String(id)) : -1;
  }

  /** Whether the id is known: `indexOf(id) >= 0`. */
  has(id: Id): boolean {
    return this.indexOf(id) >= 0;
  }

  /** The id at an index. @throws {RangeError} if the index is not a whole number in [0, size). */
  idAt(index: number): Id {
    const id = this.#ids[index];
    if (id === undefined) {
      throw new RangeError(`index must be a whole number in [0, ${this.size}), got ${describeValue(index)}`);
    }
    return id;
  }

  /** A copy of the ids, in index order. */
  toArray(): Id[] {
    return this.#ids.slice();
  }

  /** The ids in index order. */
  [Symbol.iterator](): IterableIterator<Id> {
    return this.#ids.values();
  }

  /** Up to `count` ids that look like a misspelling of `id`, nearest first: for "did you mean". Reads every id. */
  nearest(id: Id, count = 3): Id[] {
    const texts = new Map<string, Id>();
    for (const known of this.#ids) texts.set(String(known), known);
    return nearestTexts(String(id), texts.keys(), count).map((text) => texts.get(text)!);
  }

  #makeLookup(): IdLookup {
    const lookup = new IdLookup();
    for (let index = 0; index < this.#ids.length; index++) lookup.add(this.#ids[index]!, index);
    this.#lookup = lookup;
    return lookup;
  }
}

/** The error for an id that breaks the rule; `where` says which row and column, and ends in a colon. */
export function badId(where: string, id: unknown): Error {
  const message = `${where} must be ${ID_RULE}, got ${describeValue(id)}`;
  return typeof id === "string" || typeof id === "number" ? new RangeError(message) : new TypeError(message);
}

/**
 * Where each index of one id space is in another: `map[i]` is the index in `to` of the id that `from` has at i, or −1.
 * @returns Int32Array of `from.size`; the identity if both are the same object.
 */
export function indexMap(from: IdIndex, to: IdIndex): Int32Array {
  const map = new Int32Array(from.size);
  let index = 0;
  if (from === to) for (; index < map.length; index++) map[index] = index;
  else for (const id of from) map[index++] = to.indexOf(id);
  return map;
}
