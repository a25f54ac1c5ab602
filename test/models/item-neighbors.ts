/** A model that is not bilinear, as small as one can be: what it takes to join the contract by the scoring interface alone. */
import { appendInteractions } from "../../src/data/append.js";
import type { Interactions } from "../../src/data/interactions.js";
import type { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { countEntries } from "../../src/engine/entry-counts.js";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import type { FitOptions } from "../../src/models/model.js";
import { checkFit } from "../../src/models/options.js";
import type { Fitted } from "../../src/models/queries.js";
import { RankingModel } from "../../src/models/ranking-model.js";
import { survey } from "../../src/models/survey.js";
import { RowScores } from "../../src/ranking/row-scores.js";
import type { Direction, Row, Side } from "../../src/ranking/scores.js";

/** A user as the items they have, or an item as the users who have it. */
type Members = Uint32Array;

const NOBODY: Members = new Uint32Array(0);

/** score(A, B) = Σ_{j ∈ A} |U_j ∩ B| / √(|U_j| |B|), of a user's items A and an item's users B, U_j those of item j. */
class NeighborScores extends RowScores<Members> {
  readonly range: readonly [number, number];
  readonly release = (): void => {};
  readonly #sides: Readonly<Record<Side, SparseMatrix>>;
  /** Of every two items, f64[items × items]. */
  readonly #cosines: Float64Array;

  constructor(matrix: SparseMatrix, highest: number) {
    super();
    this.range = [0, highest];
    this.#sides = { users: matrix, items: matrix.transpose() };
    const { numColumns } = matrix;
    const sets = Array.from({ length: numColumns }, (_, item) => new Set(this.membersOf("items", item)));
    this.#cosines = Float64Array.from({ length: numColumns ** 2 }, (_, at) =>
      cosine(this.membersOf("items", Math.floor(at / numColumns)), sets[at % numColumns]!),
    );
  }

  hold(): () => void {
    return this.release;
  }

  dispose(): void {}

  membersOf(side: Side, row: Row<Members>): Members {
    if (typeof row !== "number") return row;
    if (row === UNKNOWN_INDEX) return NOBODY;
    const { columns, offsets } = this.#sides[side];
    return columns.subarray(offsets[row], offsets[row + 1]);
  }

  /** The cosine of any item with one. */
  #cosineWith(item: Row<Members>): (other: number) => number {
    const numItems = this.sizeOf("items");
    if (item === UNKNOWN_INDEX) return () => 0;
    if (typeof item === "number") return (other) => this.#cosines[item * numItems + other]!;
    const shared = new Uint32Array(numItems);
    for (const user of item) for (const other of this.membersOf("users", user)) shared[other]!++;
    return (other) => cosineOf(shared[other]!, this.membersOf("items", other).length, item.length);
  }

  protected sizeOf(side: Side): number {
    return this.#sides[side].numRows;
  }

  protected rawScore(user: Row<Members>, item: Row<Members>): number {
    return sumOf(this.membersOf("users", user), this.#cosineWith(item));
  }

  protected scoreRow({ rows, columns, metric }: Direction, row: Row<Members>, out: Float32Array): void {
    const members = this.membersOf(rows, row);
    if (rows === columns) {
      const set = new Set(members);
      for (let column = 0; column < out.length; column++) {
        out[column] = likeness(metric, this.membersOf(columns, column), set);
      }
    } else if (rows === "users") {
      for (let item = 0; item < out.length; item++) out[item] = sumOf(members, this.#cosineWith(item));
    } else {
      const cosineWith = this.#cosineWith(row);
      for (let user = 0; user < out.length; user++) out[user] = sumOf(this.membersOf("users", user), cosineWith);
    }
  }
}

function sumOf(items: Members, cosineWith: (other: number) => number): number {
  return items.reduce((sum, item) => sum + cosineWith(item), 0);
}

function overlap(some: Members, others: ReadonlySet<number>): number {
  return some.reduce((sum, member) => sum + (others.has(member) ? 1 : 0), 0);
}

function cosineOf(shared: number, size: number, otherSize: number): number {
  return shared === 0 ? 0 : shared / Math.sqrt(size * otherSize);
}

function cosine(some: Members, others: ReadonlySet<number>): number {
  return cosineOf(overlap(some, others), some.length, others.size);
}

/** As of rows of zeros and ones; a row of zeros is like nothing. */
function likeness(metric: Direction["metric"], some: Members, others: ReadonlySet<number>): number {
  if (some.length === 0 || others.size === 0) return Number.NEGATIVE_INFINITY;
  if (metric === "cosine") return cosine(some, others);
  const shared = overlap(some, others);
  return metric === "dot" ? shared : 0 - Math.sqrt(some.length + others.size - 2 * shared);
}

interface FittedNeighbors extends Fitted<Members> {
  readonly scores: NeighborScores;
  readonly seen: SparseMatrix;
}

export class ItemNeighbors extends RankingModel<Members, FittedNeighbors> {
  readonly #highest: number;

  /** @param highest what scores are clipped to */
  constructor(highest = Infinity) {
    super();
    this.#highest = highest;
  }

  async fit(train: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["signal"]);
    const counts = await survey(train, options.signal);
    this.checkUsable();
    const { users, items, matrix: seen } = train;
    this.adopt({ scores: new NeighborScores(seen, this.#highest), users, items, seen, counts });
    return this;
  }

  async partialFit(more: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    const state = this.fitted();
    checkFit(more, options, ["signal"], "partialFit", "more");
    const { users, items, matrix: seen } = appendInteractions({ ...state, matrix: state.seen }, more);
    options.signal?.throwIfAborted();
    const counts = await countEntries(seen, new TimeSlice(options.signal));
    if (this.fitted() !== state) throw new Error("the model was fitted while partialFit was at work");
    this.adopt({ scores: new NeighborScores(seen, this.#highest), users, items, seen, counts });
    return this;
  }

  async save(): Promise<void> {
    this.toBytes();
  }

  toBytes(): Uint8Array {
    throw new Error("this model knows no files");
  }

  protected foldRow(_: Side, columns: Uint32Array): Members {
    return columns;
  }
}
