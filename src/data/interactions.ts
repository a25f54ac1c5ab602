import type { CsvSource } from "./csv/byte-source.js";
import type { CsvOptions } from "./csv/csv-options.js";
import { readCsv } from "./csv/read-csv.js";
import type { Id, IdIndex } from "./id-index.js";
import type { InteractionParts } from "./interaction-parts.js";
import { type ColumnsOptions, type InteractionColumns, readColumns } from "./read-columns.js";
import { type ObjectsOptions, readObjects } from "./read-objects.js";
import type { SparseMatrix } from "./sparse-matrix.js";
import {
  assignFolds,
  chooseLatest,
  chooseOneOfEach,
  chooseShare,
  type FoldsOptions,
  type LeaveOneOutOptions,
  maskOfFold,
  type SplitByTimeOptions,
  type SplitOptions,
  takeMasked,
} from "./split.js";
import { type Statistics, summarizeInSteps } from "./statistics.js";

/** One observed (user, item) pair. */
export interface Interaction {
  userId: Id;
  itemId: Id;
  /** A rating, or a strength such as a count. */
  value: number;
  /** In the unit of the source; there if the data have timestamps. */
  timestamp?: number;
}

/** Two disjoint parts of the same interactions. Both have the whole's `users` and `items`, the very same objects. */
export interface TrainTest {
  train: Interactions;
  test: Interactions;
}

/**
 * Who did what with what: at most one value for a (user, item) pair, by user in compressed rows. Immutable; the arrays
 * are shared, not copied, and must not be written to.
 *
 * @example
 * const ratings = Interactions.fromObjects([
 *   { userId: "alice", itemId: "Alien", value: 5 },
 *   { userId: "bob", itemId: "Alien", value: 3 },
 * ]);
 * ratings.mean; // 4
 */
export class Interactions implements Iterable<Interaction> {
  /** users × items. A row keeps the order in which its entries came. */
  readonly matrix: SparseMatrix;
  /** User ids ↔ rows of the matrix. */
  readonly users: IdIndex;
  /** Item ids ↔ columns of the matrix. */
  readonly items: IdIndex;
  /** f64[size], aligned with the entries of the matrix, in the unit of the source; undefined if there are none. */
  readonly timestamps: Float64Array | undefined;
  /** Rows of the source that were invalid and left out, as `invalidRows: "skip"` asks. */
  readonly skippedRows: number;
  #transposed: SparseMatrix | undefined;
  #statistics: Statistics | undefined;

  /**
   * @internal Use `fromObjects`, `fromColumns` or `fromCsv`. The parts are trusted, but for their sizes: the matrix has
   * valid columns and finite values, and no row has a column twice.
   */
  constructor(parts: InteractionParts) {
    const { users, items, matrix, timestamps } = parts;
    if (matrix.numRows !== users.size || matrix.numColumns !== items.size) {
      const got = `${matrix.numRows} × ${matrix.numColumns}`;
      throw new RangeError(`matrix must be users × items (${users.size} × ${items.size}), got ${got}`);
    }
    if (timestamps !== undefined && timestamps.length !== matrix.size) {
      throw new RangeError(`timestamps must have length ${matrix.size} (matrix.size), got ${timestamps.length}`);
    }
    this.matrix = matrix;
    this.users = users;
    this.items = items;
    this.timestamps = timestamps;
    this.skippedRows = parts.skippedRows ?? 0;
  }

  /**
   * From objects such as `{ userId, itemId, value, timestamp }`; options name other keys or give functions.
   * @throws if an object breaks a rule: the message names its row (from 0), field and value.
   */
  static fromObjects<Source>(source: Iterable<Source>, options: ObjectsOptions<Source> = {}): Interactions {
    return new Interactions(readObjects(source, options));
  }

  /**
   * From columns of equal length, arrays or typed arrays. Whole numbers up to about the number of rows are the fastest
   * ids: they are looked up in a table, and nothing is kept per row but the result.
   * @throws if lengths differ or a row breaks a rule: the message names the row (from 0), column and value.
   */
  static fromColumns(columns: InteractionColumns, options: ColumnsOptions = {}): Interactions {
    return new Interactions(readColumns(columns, options));
  }

  /**
   * From rows of text: a file, a URL, a stream, or the text itself (a string with a line break). Columns are found by
   * their usual names (userId, item_id, movieId, rating, timestamp …) or as `columns` says. Fields are taken as they
   * stand, spaces included. Timestamps are numbers, kept in their unit, or ISO dates, which become milliseconds since
   * 1970 (UTC where no zone is given).
   * @throws if the source cannot be read or a row breaks a rule: the message names its line (from 1), column and text.
   *
   * @example
   * const ratings = await Interactions.fromCsv("userId;itemId;rating\nalice;Alien;4.5\n");
   */
  static async fromCsv(source: CsvSource, options: CsvOptions = {}): Promise<Interactions> {
    return new Interactions(await readCsv(source, options));
  }

  /** How many users there are, those without interactions (in a split, say) included. */
  get numUsers(): number {
    return this.users.size;
  }

  /** How many items there are, those without interactions included. */
  get numItems(): number {
    return this.items.size;
  }

  /** How many interactions there are. */
  get size(): number {
    return this.matrix.size;
  }

  /** items × users, rows sorted by user. Made when first asked for, then kept. */
  get transposed(): SparseMatrix {
    this.#transposed ??= this.matrix.transpose();
    return this.#transposed;
  }

  /** The mean value. @throws {RangeError} if there are no interactions. */
  get mean(): number {
    return this.#summary("mean").mean;
  }

  /** The standard deviation of the values (divided by size, not size − 1). @throws {RangeError} if there are none. */
  get standardDeviation(): number {
    return this.#summary("standardDeviation").standardDeviation;
  }

  /** The smallest value. @throws {RangeError} if there are no interactions. */
  get minimum(): number {
    return this.#summary("minimum").minimum;
  }

  /** The greatest value. @throws {RangeError} if there are no interactions. */
  get maximum(): number {
    return this.#summary("maximum").maximum;
  }

  /** @internal Computes the statistics, if they are not known yet, a step at a time. */
  *summarizeInSteps(): Generator<void, void, void> {
    this.#statistics ??= yield* summarizeInSteps(this.matrix.values);
  }

  /** Every interaction, by user, then in the order of arrival. An object each: for looking, not for computing. */
  *[Symbol.iterator](): IterableIterator<Interaction> {
    const { offsets, columns, values } = this.matrix;
    for (let userIndex = 0; userIndex < this.numUsers; userIndex++) {
      const userId = this.users.idAt(userIndex);
      for (let entry = offsets[userIndex]!; entry < offsets[userIndex + 1]!; entry++) {
        const interaction: Interaction = { userId, itemId: this.items.idAt(columns[entry]!), value: values[entry]! };
        if (this.timestamps !== undefined) interaction.timestamp = this.timestamps[entry]!;
        yield interaction;
      }
    }
  }

  /**
   * A random share to test on: exactly round(testFraction × size) interactions, the rest to train on. A seed gives the
   * same parts on every machine.
   * @throws if testFraction is not in (0, 1) or seed not a whole number in [0, 2^53 − 1].
   */
  split(options: SplitOptions = {}): TrainTest {
    return this.#divide(chooseShare(this.size, options));
  }

  /**
   * k ways to train and test: every interaction is in exactly one test set; their sizes differ by at most one. The parts
   * are made one pair at a time, while iterating; `[...ratings.folds(5)]` makes them all.
   * @param k a whole number in [2, size].
   */
  folds(k: number, options: FoldsOptions = {}): Iterable<TrainTest> {
    const folds = assignFolds(this.size, k, options);
    const pairs = (): Iterator<TrainTest> => this.#pairs(folds, k);
    return { [Symbol.iterator]: pairs };
  }

  /**
   * Tests on one interaction of each user: the latest (of equal timestamps, the later in order), or one at random. Users
   * with fewer than two interactions stay whole in train.
   * @throws {RangeError} by "time" if there are no timestamps.
   */
  leaveOneOut(options: LeaveOneOutOptions = {}): TrainTest {
    return this.#divide(chooseOneOfEach(this, options));
  }

  /**
   * Trains on the past, tests on what came later: from the timestamp `at` on, or the latest round(testFraction × size)
   * interactions. Where timestamps tie at that border, all of them go to train, so that the test set may be smaller.
   * @throws {RangeError} if there are no timestamps, or `at` would leave one part empty.
   */
  splitByTime(options: SplitByTimeOptions): TrainTest {
    return this.#divide(chooseLatest(this, options));
  }

  #divide(mask: Uint8Array): TrainTest {
    return { train: new Interactions(takeMasked(this, mask, 0)), test: new Interactions(takeMasked(this, mask, 1)) };
  }

  *#pairs(folds: Uint32Array | Uint8Array, k: number): IterableIterator<TrainTest> {
    for (let fold = 0; fold < k; fold++) yield this.#divide(maskOfFold(folds, fold));
  }

  #summary(name: keyof Statistics): Statistics {
    if (this.size === 0) throw new RangeError(`${name} needs at least one interaction, got 0`);
    if (this.#statistics === undefined) for (const _ of this.summarizeInSteps());
    return this.#statistics!;
  }
}
