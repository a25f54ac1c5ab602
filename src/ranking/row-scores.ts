import { ranges } from "../engine/chunks.js";
import { engine } from "../engine/engine.js";
import { UNKNOWN_INDEX } from "../engine/kernels.js";
import { TimeSlice } from "../engine/time-slice.js";
import { select } from "./rank-row.js";
import {
  clipScores,
  type Direction,
  excludedOf,
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

/**
 * Scores that are not bilinear: a model says how one row is scored against everything, and is asked in every direction.
 * Lists of many rows are made one by one, on the caller's thread, in slices.
 */
export abstract class RowScores<Folded> implements Scores<Folded> {
  abstract readonly range: readonly [lowest: number, highest: number];

  /** How many rows a side has. */
  protected abstract sizeOf(side: Side): number;

  /** One raw score; UNKNOWN_INDEX for an unknown row. The same bits as `scoreRow` has. */
  protected abstract rawScore(user: Row<Folded>, item: Row<Folded>): number;

  /**
   * The raw scores (or similarities) of a row with all columns. @param out f32[columns], to be written; −∞ for a column
   * that cannot come
   */
  protected abstract scoreRow(direction: Direction, row: Row<Folded>, out: Float32Array): void;

  abstract readonly release: () => void;
  abstract hold(): () => void;
  abstract dispose(): void;

  scorePair(user: Row<Folded>, item: Row<Folded>): number {
    return clipScores(Float32Array.of(this.rawScore(user, item)), this.range)[0]!;
  }

  scorePairs(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array {
    return Float32Array.from(userIndices, (user, t) => this.scorePair(user, itemIndices[t]!));
  }

  rank(direction: Direction, row: Row<Folded>, selection: Selection, excluded: Iterable<number>): Ranked {
    const isScore = direction.rows !== direction.columns;
    const range = isScore ? this.range : ([-Infinity, Infinity] as const);
    const floor = floorOf(selection.minimumScore, range);
    if (floor === undefined || (!isScore && row === UNKNOWN_INDEX)) return NOTHING;
    const { count, candidates } = selection;
    const all = new Float32Array(this.sizeOf(direction.columns));
    this.scoreRow(direction, row, all);
    const scores = candidates ? Float32Array.from(candidates, (column) => all[column]!) : all;
    const { arena } = engine();
    return arena.scoped((scope) => {
      const ptr = scope.allocate(scores.length * 4, "any");
      arena.float32(ptr, scores.length).set(scores);
      const wanted = { count, floor, candidates, excluded };
      const ranked = select(arena, engine().kernels("strict"), scope, ptr, scores.length, wanted);
      return { ...ranked, scores: clipScores(ranked.scores, range) };
    });
  }

  async *rankMany(query: ManyRows): AsyncGenerator<RankedRows, void, void> {
    const { direction, rows, selection, excluded, batchRows, run } = query;
    const slice = new TimeSlice(run.signal);
    const numColumns = selection.candidates?.length ?? this.sizeOf(direction.columns);
    const width = Math.min(selection.count, numColumns);
    for (const [begin, end] of ranges(rows.length, batchRows)) {
      run.signal?.throwIfAborted();
      const batch = {
        width,
        indices: new Uint32Array((end - begin) * width),
        scores: new Float32Array((end - begin) * width),
        counts: new Uint32Array(end - begin),
      };
      for (let at = begin; at < end; at++) {
        const row = rows[at]!;
        const { indices, scores } = this.rank(direction, row, selection, excludedOf(excluded, row));
        batch.indices.set(indices, (at - begin) * width);
        batch.scores.set(scores, (at - begin) * width);
        batch.counts[at - begin] = indices.length;
        if (slice.isOver) await slice.pause();
      }
      yield batch;
    }
  }
}
