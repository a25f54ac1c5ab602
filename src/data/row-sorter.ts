/** A counting sort by row, in two passes over blocks of entries: linear, stable, nothing held but the result. */

/** Entries in order of arrival: rows and columns u32, values f32 (absent: each is 1), timestamps f64 if there are any. */
export interface EntryBlock {
  /** Entries in the block: the arrays may be longer. */
  length: number;
  rows: Uint32Array;
  columns: Uint32Array;
  values: Float32Array | undefined;
  timestamps: Float64Array | undefined;
}

/** Entries by row; row r is [offsets[r], offsets[r + 1]), in order of arrival. */
export interface SortedEntries {
  /** u32[numRows + 1] */
  offsets: Uint32Array;
  /** u32[size] */
  columns: Uint32Array;
  /** f32[size] */
  values: Float32Array;
  /** f64[size] */
  timestamps: Float64Array | undefined;
}

/** The most entries a matrix can hold: offsets are u32. */
export const MAX_ENTRIES = 2 ** 32 - 1;

/** @throws {RangeError} if `count` entries are more than a matrix can hold. */
export function checkEntryCount(count: number): void {
  if (count > MAX_ENTRIES) throw new RangeError(`interactions must be at most 2^32 − 1, got ${count}`);
}

/** Call `count` with the rows of every block, then `place` with every block in the same order, then `finish`. */
export class RowSorter {
  /** While counting: [r + 1] is the length of row r. While placing: where the next entry of row r goes. */
  readonly #offsets: Uint32Array;
  readonly #numRows: number;
  readonly #withTimestamps: boolean;
  #columns = new Uint32Array(0);
  #values = new Float32Array(0);
  #timestamps: Float64Array | undefined;
  #placing = false;
  #size = 0;

  constructor(numRows: number, withTimestamps: boolean) {
    this.#numRows = numRows;
    this.#withTimestamps = withTimestamps;
    this.#offsets = new Uint32Array(numRows + 1);
  }

  /** First pass. @throws {RangeError} if a row is not in [0, numRows) or the entries are too many. */
  count(rows: Uint32Array, length: number): void {
    const offsets = this.#offsets;
    checkEntryCount(this.#size + length);
    for (let entry = 0; entry < length; entry++) {
      const row = rows[entry]!;
      if (row >= this.#numRows) {
        throw new RangeError(`row of entry ${this.#size + entry} must be below ${this.#numRows}, got ${row}`);
      }
      offsets[row + 1]!++;
    }
    this.#size += length;
  }

  /** Second pass. */
  place(block: EntryBlock): void {
    if (!this.#placing) this.#startPlacing();
    const next = this.#offsets;
    const columns = this.#columns;
    const values = this.#values;
    const timestamps = this.#timestamps;
    const { rows, columns: blockColumns, values: blockValues, timestamps: blockTimestamps, length } = block;
    for (let entry = 0; entry < length; entry++) {
      const position = next[rows[entry]! + 1]!++;
      columns[position] = blockColumns[entry]!;
      values[position] = blockValues === undefined ? 1 : blockValues[entry]!;
      if (timestamps !== undefined) timestamps[position] = blockTimestamps![entry]!;
    }
  }

  /** The sorted entries. The sorter must not be used again. */
  finish(): SortedEntries {
    if (!this.#placing) this.#startPlacing();
    return { offsets: this.#offsets, columns: this.#columns, values: this.#values, timestamps: this.#timestamps };
  }

  #startPlacing(): void {
    const offsets = this.#offsets;
    let begin = 0;
    for (let row = 1; row < offsets.length; row++) {
      const length = offsets[row]!;
      offsets[row] = begin; // placing moves it to the row's end, which is what offsets[row] has to be
      begin += length;
    }
    this.#columns = new Uint32Array(this.#size);
    this.#values = new Float32Array(this.#size);
    if (this.#withTimestamps) this.#timestamps = new Float64Array(this.#size);
    this.#placing = true;
  }
}
