import type { Scope } from "../engine/arena.js";
import type { Engine } from "../engine/engine.js";
import { type Kernels, UNKNOWN_INDEX, type Variant } from "../engine/kernels.js";
import { Matrix, strideOf } from "../engine/matrix.js";
import {
  type FactorTable,
  type FoldedRow,
  finishSimilarities,
  METRIC_RANGES,
  placeRow,
  rankedSimilarity,
} from "./factor-table.js";
import { IDENTITY, type Link } from "./link.js";
import { rankByScore, rankBySimilarity } from "./rank-row.js";
import { rankRows } from "./rank-rows.js";
import {
  clipScores,
  type Direction,
  floatBelow,
  floorOf,
  type ManyRows,
  NOTHING,
  type Ranked,
  type RankedRows,
  type Row,
  type Scores,
  type Selection,
  type Side,
} from "./scores.js";

/** Pairs scored in one call: few enough that what a call borrows stays small. */
const BATCH = 65536;

/** Bytes of a table of floats, rounded up so that the next begins on a cache line. */
const tableBytes = (floats: number): number => Math.ceil(floats / 16) * 64;

/** What a bilinear model is made of, as typed arrays over users and items in index order. */
export interface BilinearParts {
  numUsers: number;
  numItems: number;
  factors: number;
  /** The raw score of a pair of which nothing is known. */
  offset: number;
  /** From raw scores to the scale of the ratings; default the identity. */
  link?: Link | undefined;
  /** Scores are clipped to this range, both ends included, when they leave. */
  range: readonly [lowest: number, highest: number];
}

/**
 * Factors → scores → top k, for every model of the form score = link(offset + b_u + b_i + p_u·q_i). Holds the factors in
 * the engine's memory. Columns are ranked by the raw score, before the link, which keeps its order where the link is flat
 * and beyond the range. A user or item index of UNKNOWN_INDEX stands for one the model has never met, and adds nothing.
 */
export class BilinearScores implements Scores<FoldedRow> {
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
  readonly offset: number;
  readonly link: Link;
  readonly range: readonly [lowest: number, highest: number];
  /** @internal f32[numUsers], byte address */
  readonly userBiasPtr: number;
  /** @internal f32[numItems], byte address */
  readonly itemBiasPtr: number;
  /** The build of the kernels that this model's bits come from. */
  readonly variant: Variant;
  readonly #engine: Engine;
  readonly #scope: Scope;
  #holds = 0;
  #disposed = false;
  /** @internal The four tables, one behind the other: the byte address of the first. */
  readonly ptr: number;
  readonly #bytes: number;

  /** All zero, to be written by the model; `dispose` gives the memory back. */
  constructor(engine: Engine, variant: Variant, parts: BilinearParts) {
    const { numUsers, numItems, factors, offset, range, link = IDENTITY } = parts;
    const { arena } = engine;
    this.#engine = engine;
    this.variant = variant;
    this.offset = offset;
    this.link = link;
    this.range = range;
    const stride = strideOf(factors);
    const sizes = [numUsers * stride, numItems * stride, numUsers, numItems].map(tableBytes);
    this.#scope = arena.scope();
    this.#bytes = sizes.reduce((sum, size) => sum + size, 0);
    this.ptr = this.#scope.allocate(this.#bytes);
    this.userFactors = new Matrix(arena, this.ptr, numUsers, factors, this);
    this.itemFactors = new Matrix(arena, this.ptr + sizes[0]!, numItems, factors, this);
    this.userBiasPtr = this.ptr + sizes[0]! + sizes[1]!;
    this.itemBiasPtr = this.userBiasPtr + sizes[2]!;
  }

  /** f32[numUsers]: a view, stale once memory has grown. */
  get userBias(): Float32Array {
    return this.#engine.arena.float32(this.userBiasPtr, this.userFactors.rows);
  }

  /** f32[numItems]: a view, stale once memory has grown. */
  get itemBias(): Float32Array {
    return this.#engine.arena.float32(this.itemBiasPtr, this.itemFactors.rows);
  }

  /** @internal What frees the memory; for a registry of objects that were forgotten. */
  get release(): () => void {
    const scope = this.#scope;
    return () => scope.release();
  }

  /**
   * @internal Memory for what a model holds beside its scores, all zero, which comes back with theirs: a byte address.
   * @throws {RangeError} as `Arena.allocate`.
   */
  allocate(bytes: number): number {
    return this.#scope.allocate(bytes);
  }

  /** The four tables in the order in which every kernel over pairs takes them, and the stride. */
  get tables(): [
    userFactorsPtr: number,
    itemFactorsPtr: number,
    userBiasPtr: number,
    itemBiasPtr: number,
    stride: number,
  ] {
    const { userFactors, itemFactors } = this;
    return [userFactors.ptr, itemFactors.ptr, this.userBiasPtr, this.itemBiasPtr, userFactors.stride];
  }

  /** All four tables as bytes: what to copy to keep a state of training, and to write to go back to it. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#engine.arena.memory.buffer, this.ptr, this.#bytes);
  }

  /** The final score of each pair (userIndices[t], itemIndices[t]); arrays of equal length. */
  scorePairs(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array {
    const scores = new Float32Array(userIndices.length);
    this.#engine.arena.scoped((scope) => {
      const most = Math.min(BATCH, scores.length);
      const usersPtr = scope.allocate(most * 4);
      const itemsPtr = scope.allocate(most * 4);
      const scoresPtr = scope.allocate(most * 4);
      for (let begin = 0; begin < scores.length; begin += BATCH) {
        const end = Math.min(begin + BATCH, scores.length);
        this.#engine.arena.uint32(usersPtr, most).set(userIndices.subarray(begin, end));
        this.#engine.arena.uint32(itemsPtr, most).set(itemIndices.subarray(begin, end));
        this.#kernels.scorePairs(0, end - begin, usersPtr, itemsPtr, ...this.tables, this.offset, scoresPtr);
        scores.set(this.#engine.arena.float32(scoresPtr, end - begin), begin);
      }
    });
    return this.#finish(scores);
  }

  scorePair(user: Row<FoldedRow>, item: Row<FoldedRow>): number {
    return this.#finish(Float32Array.of(this.rawScore(user, item)))[0]!;
  }

  /** `scorePair` before the link, and before it is clipped. */
  rawScore(user: Row<FoldedRow>, item: Row<FoldedRow>): number {
    const { arena } = this.#engine;
    return arena.scoped((scope) => {
      const [users, userIndex] = this.#place(scope, "users", user);
      const [items, itemIndex] = this.#place(scope, "items", item);
      const ptr = scope.allocate(12);
      arena.uint32(ptr, 2).set([userIndex, itemIndex]);
      const tables = [users.factorsPtr, items.factorsPtr, users.biasPtr, items.biasPtr, users.stride] as const;
      this.#kernels.scorePairs(0, 1, ptr, ptr + 4, ...tables, this.offset, ptr + 8);
      return arena.float32(ptr + 8, 1)[0]!;
    });
  }

  rank(direction: Direction, row: Row<FoldedRow>, selection: Selection, excluded: Iterable<number>): Ranked {
    const { arena } = this.#engine;
    const { candidates, count } = selection;
    const columns = this.table(direction.columns);
    const goal = this.#goal(direction, selection);
    if (!goal) return NOTHING;
    return arena.scoped((scope) => {
      const [rows, index] = this.#place(scope, direction.rows, row);
      const query = { arena, kernels: this.#kernels, rows, row: index, columns, offset: this.offset };
      const wanted = { count, floor: goal.floor, candidates, excluded };
      const isSimilarity = direction.rows === direction.columns;
      if (isSimilarity && index === UNKNOWN_INDEX) return NOTHING;
      const ranked = isSimilarity ? rankBySimilarity(query, direction.metric, wanted) : rankByScore(query, wanted);
      const scores = goal.finish(ranked.scores);
      const found = goal.numWanted(scores, 0, scores.length);
      return { indices: ranked.indices.subarray(0, found), scores: scores.subarray(0, found) };
    });
  }

  async *rankMany(query: ManyRows): AsyncGenerator<RankedRows, void, void> {
    const { direction, selection, rows: rowIndices, excluded, batchRows, run } = query;
    const goal = this.#goal(direction, selection);
    const context = { engine: this.#engine, variant: this.variant, run };
    const batches = rankRows(context, {
      rows: this.table(direction.rows),
      columns: this.table(direction.columns),
      offset: direction.rows === direction.columns ? 0 : this.offset,
      metric: direction.rows === direction.columns ? direction.metric : undefined,
      rowIndices,
      count: selection.count,
      floor: goal?.floor ?? Number.POSITIVE_INFINITY,
      candidates: selection.candidates,
      excluded,
      batchRows,
    });
    for await (const batch of batches) {
      const { width, counts } = batch;
      const scores = goal ? goal.finish(batch.scores) : batch.scores;
      for (let row = 0; goal && row < counts.length; row++) {
        counts[row] = goal.numWanted(scores, row * width, counts[row]!);
      }
      yield { ...batch, scores };
    }
  }

  /** A side as the kernels take it. */
  table(side: Side): FactorTable {
    const { factors, biasPtr } =
      side === "users"
        ? { factors: this.userFactors, biasPtr: this.userBiasPtr }
        : { factors: this.itemFactors, biasPtr: this.itemBiasPtr };
    return { factorsPtr: factors.ptr, biasPtr, rows: factors.rows, stride: factors.stride };
  }

  /** A stored or unknown row's table and index, or a folded row as a table of one. */
  #place(scope: Scope, side: Side, row: Row<FoldedRow>): [table: FactorTable, index: number] {
    return typeof row === "number" ? [this.table(side), row] : [placeRow(this.#engine.arena, scope, row), 0];
  }

  /** From raw scores to final ones, in place. */
  #finish(scores: Float32Array): Float32Array {
    return clipScores(this.link.apply(scores), this.range);
  }

  /** From raw scores, by which the kernels rank, to final ones; undefined where none can reach the minimum. */
  #goal({ rows, columns, metric }: Direction, { minimumScore }: Selection): Goal | undefined {
    const isScore = rows !== columns;
    const range = isScore ? this.range : METRIC_RANGES[metric];
    // A little below where a similarity is computed from the raw score: what is then too low goes at the end.
    const isExact = isScore || metric !== "euclidean";
    const minimum = isExact ? minimumScore : rankedSimilarity(metric, minimumScore) * 1.00001;
    const floor = floorOf(minimum, range);
    if (floor === undefined || (!isExact && minimumScore > 0)) return undefined;
    // The raw score that a link takes to the minimum is not known to the last bit: what is too low goes at the end.
    const isLinked = isScore && this.link !== IDENTITY;
    return {
      floor: isLinked ? Number.NEGATIVE_INFINITY : isExact ? floor : floatBelow(floor),
      finish: (scores) => (isScore ? this.#finish(scores) : clipScores(finishSimilarities(metric, scores), range)),
      numWanted: (scores, begin, length) => {
        let found = length;
        while (found > 0 && scores[begin + found - 1]! < minimumScore) found--;
        return found;
      },
    };
  }

  /** Compiled at the first call, if they are not yet. */
  get #kernels(): Kernels {
    return this.#engine.kernels(this.variant);
  }

  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (held && --this.#holds === 0 && this.#disposed) this.#scope.release();
      held = false;
    };
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#holds === 0) this.#scope.release();
  }
}

/** What raw scores must reach, and what becomes of them. */
interface Goal {
  /** All must be above it. */
  readonly floor: number;
  /** In place. */
  readonly finish: (scores: Float32Array) => Float32Array;
  /** How many of `length` falling scores are high enough. */
  readonly numWanted: (scores: Float32Array, begin: number, length: number) => number;
}
