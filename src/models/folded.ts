/** Users and items that were not trained on: what fold-in gives, to be used wherever an id may stand. */
import { badId, type Id, type IdIndex, isId } from "../data/id-index.js";
import { checkFinite, describeValue, reject } from "../data/options.js";
import { LARGEST_VALUE } from "../storage/model-file.js";
import { describeUnknown, type UnknownPolicy } from "./query-options.js";

/** One interaction of a user who is folded in. */
export interface HistoryOfUser {
  itemId: Id;
  /** A finite number in the unit of the training values; default 1. */
  value?: number;
}

/** One interaction with an item that is folded in. */
export interface HistoryOfItem {
  userId: Id;
  /** A finite number in the unit of the training values; default 1. */
  value?: number;
}

/** A history by index: what a row is solved from, and what it has seen. */
export interface Entries {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** A row that belongs to one state of one model. */
abstract class FoldedRow {
  /** @internal The fitted state that it was made for. */
  readonly state: object;
  /** @internal What the model made of the history. */
  readonly row: unknown;
  /** @internal */
  readonly entries: Entries;

  /** @internal */
  constructor(state: object, row: unknown, entries: Entries) {
    this.state = state;
    this.row = row;
    this.entries = entries;
  }

  /** How many interactions it was made of. */
  get size(): number {
    return this.entries.columns.length;
  }
}

/**
 * A user that the model was not trained on, by `foldIn`: goes wherever a user's id may, until the model is fitted anew.
 * Holds no memory of the engine; nothing to dispose of.
 */
export class FoldedUser extends FoldedRow {
  /** @internal Only so that the compiler tells users from items. */
  readonly kind = "user";
}

/**
 * An item that the model was not trained on, by `foldInItem`: goes wherever an item's id may, until the model is fitted
 * anew. Holds no memory of the engine; nothing to dispose of.
 */
export class FoldedItem extends FoldedRow {
  /** @internal Only so that the compiler tells users from items. */
  readonly kind = "item";
}

/**
 * A history by index. @param key of the ids
 * @throws {TypeError | RangeError} that names the entry: for a bad or repeated id, a value that is no finite number, an
 * unknown id unless it is to be skipped.
 */
export function readHistory(
  history: Iterable<object>,
  key: "itemId" | "userId",
  index: IdIndex,
  unknown: UnknownPolicy,
): Entries {
  if (typeof history === "string" || typeof history?.[Symbol.iterator] !== "function") {
    reject("history", `an iterable of { ${key}, value }`, history, "none");
  }
  const entries = new Map<number, number>();
  let at = 0;
  for (const entry of history) {
    const where = `history[${at++}]`;
    if (typeof entry !== "object" || entry === null) reject(where, `an object with ${key} and value`, entry, "none");
    const { [key]: id, value } = entry as { [Key in typeof key]?: unknown } & { value?: unknown };
    if (!isId(id)) throw badId(`${where}.${key}:`, id);
    const number = value === undefined ? 1 : checkFinite(`${where}.value`, value);
    if (Math.abs(number) > LARGEST_VALUE) reject(`${where}.value`, "within ±1e15", number);
    const column = index.indexOf(id);
    if (entries.has(column)) throw new RangeError(`${where}.${key} must not repeat, got ${describeValue(id)} again`);
    if (column >= 0) entries.set(column, number);
    else if (unknown === "error") throw new RangeError(`${where}.${key} ${describeUnknown(id, index)}`);
  }
  return { columns: Uint32Array.from(entries.keys()), values: Float32Array.from(entries.values()) };
}
