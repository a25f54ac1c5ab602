import { checkEntryCount, type EntryBlock, RowSorter, type SortedEntries } from "./row-sorter.js";

/** Rows in a segment: at 8 to 20 bytes each, growing never copies and the last segment wastes little. */
const SEGMENT_ROWS = 2 ** 19;

/** Entries that come one at a time, in segments of typed arrays: 8 bytes each, 12 with values, 20 with timestamps. */
export class EntryStore {
  readonly #segments: EntryBlock[] = [];
  readonly #withValues: boolean;
  readonly #withTimestamps: boolean;
  #last: EntryBlock;
  #fullRows = 0;

  constructor(withValues: boolean, withTimestamps: boolean) {
    this.#withValues = withValues;
    this.#withTimestamps = withTimestamps;
    this.#last = this.#newSegment(2 ** 10);
  }

  /** How many entries there are. */
  get size(): number {
    return this.#fullRows + this.#last.length;
  }

  /** Adds an entry; what the store does not hold (values, timestamps) is ignored. */
  append(userIndex: number, itemIndex: number, value: number, timestamp: number): void {
    let segment = this.#last;
    if (segment.length === segment.rows.length) segment = this.#grow();
    const position = segment.length++;
    segment.rows[position] = userIndex;
    segment.columns[position] = itemIndex;
    if (segment.values !== undefined) segment.values[position] = value;
    if (segment.timestamps !== undefined) segment.timestamps[position] = timestamp;
  }

  /** Replaces user u by users[u] and item i by items[i], where given. */
  renumber(users: Uint32Array | undefined, items: Uint32Array | undefined): void {
    for (const { rows, columns, length } of this.#segments) {
      for (let entry = 0; users !== undefined && entry < length; entry++) rows[entry] = users[rows[entry]!]!;
      for (let entry = 0; items !== undefined && entry < length; entry++) columns[entry] = items[columns[entry]!]!;
    }
  }

  /** The entries by user. The store is empty afterwards. */
  sort(numUsers: number): SortedEntries {
    const steps = this.sortInSteps(numUsers);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** `sort` in steps of a few milliseconds; segments are given up as they are placed. */
  *sortInSteps(numUsers: number): Generator<void, SortedEntries> {
    const sorter = new RowSorter(numUsers, this.#withTimestamps);
    for (const { rows, length } of this.#segments) {
      sorter.count(rows, length);
      yield;
    }
    for (let segment = this.#segments.shift(); segment !== undefined; segment = this.#segments.shift()) {
      sorter.place(segment);
      yield;
    }
    return sorter.finish();
  }

  #grow(): EntryBlock {
    this.#fullRows += this.#last.length;
    checkEntryCount(this.#fullRows + 1);
    this.#last = this.#newSegment(Math.min(SEGMENT_ROWS, 2 * this.#last.length));
    return this.#last;
  }

  #newSegment(rows: number): EntryBlock {
    const segment = {
      length: 0,
      rows: new Uint32Array(rows),
      columns: new Uint32Array(rows),
      values: this.#withValues ? new Float32Array(rows) : undefined,
      timestamps: this.#withTimestamps ? new Float64Array(rows) : undefined,
    };
    this.#segments.push(segment);
    return segment;
  }
}
