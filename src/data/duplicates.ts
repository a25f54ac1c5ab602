/** What becomes of a (user, item) pair that occurs more than once. Linear time; memory for one marker an item. */
import type { IdIndex } from "./id-index.js";
import { checkOneOf, describeValue } from "./options.js";
import type { SortedEntries } from "./row-sorter.js";

const POLICIES = ["error", "last", "first", "sum", "mean", "max"] as const;

/**
 * What to do with a (user, item) pair that occurs more than once: refuse the data, or keep one interaction with the last,
 * first, summed, mean or greatest value. Its timestamp is that of the kept one for "last", "first" and "max" (the first
 * of equals), the latest for "sum" and "mean". In the order of arrival it stands where the pair first came, with "last"
 * where it last came.
 */
export type DuplicatePolicy = (typeof POLICIES)[number];

/** @throws if `duplicates` is no policy. */
export function checkDuplicates(duplicates: unknown): DuplicatePolicy {
  return checkOneOf("duplicates", duplicates, POLICIES);
}

/** Merges repeated pairs, in place; the result shares the entries' arrays unless something was merged. */
export function mergeDuplicates(
  entries: SortedEntries,
  users: IdIndex,
  items: IdIndex,
  policy: DuplicatePolicy,
): SortedEntries {
  if (policy === "error") {
    refuseDuplicates(entries, users, items);
    return entries;
  }
  if (policy === "last") reverseRows(entries);
  const size = compactRows(entries, items.size, policy);
  if (policy === "last") reverseRows(entries);
  const { offsets, columns, values, timestamps } = entries;
  if (size === columns.length) return entries;
  const merged = { offsets, columns: columns.slice(0, size), values: values.slice(0, size) };
  checkSums(merged.offsets, merged.columns, merged.values, users, items);
  return { ...merged, timestamps: timestamps?.slice(0, size) };
}

/** Throws if a pair is repeated; the message names the first and how to choose a policy. */
function refuseDuplicates({ offsets, columns }: SortedEntries, users: IdIndex, items: IdIndex): void {
  const lastUser = new Uint32Array(items.size); // 1 + the last user who had the item
  let repeats = 0;
  let firstPair = "";
  for (let user = 0; user < users.size; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const item = columns[entry]!;
      if (lastUser[item] === user + 1) {
        repeats++;
        firstPair ||= pairName(users, items, user, item);
      }
      lastUser[item] = user + 1;
    }
  }
  if (repeats === 0) return;
  const choices = POLICIES.slice(1).map((policy) => `"${policy}"`);
  throw new RangeError(
    `(user, item) pairs must be distinct, got ${repeats} repeated of ${columns.length}, the first: ${firstPair}; ` +
      `to merge them choose duplicates: ${choices.join(" | ")}`,
  );
}

function pairName(users: IdIndex, items: IdIndex, user: number, item: number): string {
  return `user ${describeValue(users.idAt(user))}, item ${describeValue(items.idAt(item))}`;
}

/** Reverses the entries within each row. */
function reverseRows({ offsets, columns, values, timestamps }: SortedEntries): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let low = offsets[row]!, high = offsets[row + 1]! - 1; low < high; low++, high--) {
      [columns[low], columns[high]] = [columns[high]!, columns[low]!];
      [values[low], values[high]] = [values[high]!, values[low]!];
      if (timestamps !== undefined) [timestamps[low], timestamps[high]] = [timestamps[high]!, timestamps[low]!];
    }
  }
}

/** Moves the kept entries together and rewrites the offsets. @returns the number kept */
function compactRows(entries: SortedEntries, numItems: number, policy: DuplicatePolicy): number {
  const { offsets, columns, values, timestamps } = entries;
  const keptAt = new Uint32Array(numItems); // 1 + where the item was last kept
  const sums = policy === "sum" || policy === "mean" ? new PairSums(numItems) : undefined;
  let kept = 0;
  let begin = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const rowBegin = kept;
    const end = offsets[row + 1]!;
    for (let entry = begin; entry < end; entry++) {
      const item = columns[entry]!;
      const position = keptAt[item]! - 1;
      if (position < rowBegin) {
        columns[kept] = item;
        values[kept] = values[entry]!;
        if (timestamps !== undefined) timestamps[kept] = timestamps[entry]!;
        keptAt[item] = ++kept;
        sums?.start(item, values[entry]!);
      } else if (sums !== undefined) {
        sums.add(item, values[entry]!);
        if (timestamps !== undefined) timestamps[position] = Math.max(timestamps[position]!, timestamps[entry]!);
      } else if (policy === "max" && values[entry]! > values[position]!) {
        values[position] = values[entry]!;
        if (timestamps !== undefined) timestamps[position] = timestamps[entry]!;
      }
    }
    sums?.write(columns, values, rowBegin, kept, policy === "mean");
    offsets[row + 1] = kept;
    begin = end;
  }
  return kept;
}

/** Sums in f64 of one row's values by item, so that only the result is rounded to f32. */
class PairSums {
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(numItems: number) {
    this.#sums = new Float64Array(numItems);
    this.#counts = new Uint32Array(numItems);
  }

  start(item: number, value: number): void {
    this.#sums[item] = value;
    this.#counts[item] = 1;
  }

  add(item: number, value: number): void {
    this.#sums[item]! += value;
    this.#counts[item]!++;
  }

  write(columns: Uint32Array, values: Float32Array, begin: number, end: number, mean: boolean): void {
    for (let entry = begin; entry < end; entry++) {
      const item = columns[entry]!;
      if (this.#counts[item]! > 1) values[entry] = mean ? this.#sums[item]! / this.#counts[item]! : this.#sums[item]!;
    }
  }
}

/** Throws if a merged value left the range of f32. */
function checkSums(
  offsets: Uint32Array,
  columns: Uint32Array,
  values: Float32Array,
  users: IdIndex,
  items: IdIndex,
): void {
  let user = 0;
  for (let entry = 0; entry < values.length; entry++) {
    if (Number.isFinite(values[entry]!)) continue;
    while (offsets[user + 1]! <= entry) user++;
    const pair = pairName(users, items, user, columns[entry]!);
    throw new RangeError(`merged value of ${pair} must be a finite 32-bit float, got ${values[entry]}`);
  }
}
