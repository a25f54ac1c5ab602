/** The best columns for one row, on the caller's thread. */
import type { Arena, Scope } from "../engine/arena.js";
import { ranges } from "../engine/chunks.js";
import type { Kernels } from "../engine/kernels.js";
import { type FactorTable, rowOf, similarTable } from "./factor-table.js";
import type { Ranked, SimilarityMetric } from "./scores.js";

/** Columns made ready for similarity at a time: few enough that they stay in cache. */
const COLUMNS_AT_A_TIME = 1024;

/** A row and the columns it is asked for; all that the kernels need. */
export interface RowQuery {
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** A table, and which of its rows it is (UNKNOWN_INDEX: none). */
  readonly rows: FactorTable;
  readonly row: number;
  readonly columns: FactorTable;
  readonly offset: number;
}

/** What is wanted of a row: `floor` is a raw score that all must be above. */
export interface RowSelection {
  readonly count: number;
  readonly floor: number;
  readonly candidates: Uint32Array | undefined;
  readonly excluded: Iterable<number>;
}

/** The best columns by bilinear score. */
export function rankByScore(query: RowQuery, selection: RowSelection): Ranked {
  const { arena, kernels, rows, row, columns, offset } = query;
  const { candidates } = selection;
  return arena.scoped((scope) => {
    const size = candidates?.length ?? columns.rows;
    const scoresPtr = scope.allocate(size * 4, "any");
    const tables = [rows.factorsPtr, columns.factorsPtr, rows.biasPtr, columns.biasPtr, columns.stride] as const;
    if (!candidates) kernels.scoreColumns(0, size, row, ...tables, offset, scoresPtr);
    else {
      const rowsPtr = scope.allocate(size * 4, "any");
      const columnsPtr = scope.allocate(size * 4, "any");
      arena.uint32(rowsPtr, size).fill(row);
      arena.uint32(columnsPtr, size).set(candidates);
      kernels.scorePairs(0, size, rowsPtr, columnsPtr, ...tables, offset, scoresPtr);
    }
    return select(arena, kernels, scope, scoresPtr, size, selection);
  });
}

/** The columns most similar to a row, as the scores by which the kernels rank; see `similarityRows`. */
export function rankBySimilarity(query: RowQuery, metric: SimilarityMetric, selection: RowSelection): Ranked {
  const { arena, kernels, rows, row, columns } = query;
  const { candidates } = selection;
  return arena.scoped((scope) => {
    const prepared = similarTable(kernels, scope, metric, rowOf(rows, row));
    const scoresPtr = scope.allocate(columns.rows * 4, "any");
    for (const [begin, end] of ranges(columns.rows, COLUMNS_AT_A_TIME)) {
      arena.scoped((inner) => {
        const some = { ...rowOf(columns, begin), rows: end - begin };
        const { factorsPtr, biasPtr } = similarTable(kernels, inner, metric, some);
        const tables = [prepared.factorsPtr, factorsPtr, prepared.biasPtr, biasPtr, columns.stride] as const;
        kernels.scoreColumns(0, end - begin, 0, ...tables, 0, scoresPtr + begin * 4);
      });
    }
    if (!candidates) return select(arena, kernels, scope, scoresPtr, columns.rows, selection);
    const chosenPtr = scope.allocate(candidates.length * 4, "any");
    const scores = arena.float32(scoresPtr, columns.rows);
    arena.float32(chosenPtr, candidates.length).set(Float32Array.from(candidates, (column) => scores[column]!));
    return select(arena, kernels, scope, chosenPtr, candidates.length, selection);
  });
}

/** The best of `size` scores, f32[size] at scoresPtr, of the candidates in order or of all columns. */
export function select(
  arena: Arena,
  kernels: Kernels,
  scope: Scope,
  scoresPtr: number,
  size: number,
  { count, floor, candidates, excluded }: RowSelection,
): Ranked {
  const most = Math.min(count, size);
  const indicesPtr = scope.allocate(most * 4, "any");
  const topScoresPtr = scope.allocate(most * 4, "any");
  const scores = arena.float32(scoresPtr, size);
  if (!candidates) for (const column of excluded) scores[column] = Number.NEGATIVE_INFINITY;
  else {
    const left = new Set(excluded);
    for (let at = 0; at < size; at++) if (left.has(candidates[at]!)) scores[at] = Number.NEGATIVE_INFINITY;
  }
  const found = kernels.selectTop(size, most, floor, scoresPtr, indicesPtr, topScoresPtr);
  const indices = arena.uint32(indicesPtr, found).slice();
  if (candidates) for (let at = 0; at < found; at++) indices[at] = candidates[indices[at]!]!;
  return { indices, scores: arena.float32(topScoresPtr, found).slice() };
}
