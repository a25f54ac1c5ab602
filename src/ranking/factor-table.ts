import type { Arena, Scope } from "../engine/arena.js";
import type { Kernels } from "../engine/kernels.js";
import type { SimilarityMetric } from "./scores.js";

/** One side of a bilinear score in the engine's memory: factors f32[rows × stride] and biases f32[rows], by address. */
export interface FactorTable {
  readonly factorsPtr: number;
  readonly biasPtr: number;
  readonly rows: number;
  /** Floats from one row to the next. */
  readonly stride: number;
}

/** A row that is not of a table: one that was folded in. */
export interface FoldedRow {
  /** Float32Array[stride], padding 0 */
  readonly factors: Float32Array;
  readonly bias: number;
}

/** How the kernel similarityRows knows a metric. */
export const METRIC_CODES: Readonly<Record<SimilarityMetric, number>> = { dot: 0, cosine: 1, euclidean: 2 };

/** Where results of a metric lie once `finishScores` has been over them. */
export const METRIC_RANGES: Readonly<Record<SimilarityMetric, readonly [number, number]>> = {
  dot: [-Infinity, Infinity],
  cosine: [-1, 1],
  euclidean: [-Infinity, 0],
};

/** The score that the kernels rank by for a similarity: euclidean ranks by −d²/2. */
export function rankedSimilarity(metric: SimilarityMetric, similarity: number): number {
  if (metric !== "euclidean" || similarity > 0) return similarity;
  return (-similarity * similarity) / 2;
}

/** From the score that the kernels rank by to the similarity, in place. */
export function finishSimilarities(metric: SimilarityMetric, scores: Float32Array): Float32Array {
  if (metric !== "euclidean") return scores;
  for (let t = 0; t < scores.length; t++) scores[t] = 0 - Math.sqrt(Math.max(0, -2 * scores[t]!)); // 0, not −0
  return scores;
}

/** A table of one row. */
export function placeRow(arena: Arena, scope: Scope, { factors, bias }: FoldedRow): FactorTable {
  const factorsPtr = scope.allocate(factors.length * 4, "any");
  const biasPtr = scope.allocate(4, "any");
  arena.float32(factorsPtr, factors.length).set(factors);
  arena.float32(biasPtr, 1)[0] = bias;
  return { factorsPtr, biasPtr, rows: 1, stride: factors.length };
}

/** One row of a table as a table. */
export function rowOf({ factorsPtr, biasPtr, stride }: FactorTable, row: number): FactorTable {
  return { factorsPtr: factorsPtr + row * stride * 4, biasPtr: biasPtr + row * 4, rows: 1, stride };
}

/** Rows [begin, end) of a table made ready for similarity, as a table of end − begin rows in borrowed memory. */
export function similarTable(
  kernels: Kernels,
  scope: Scope,
  metric: SimilarityMetric,
  { factorsPtr, rows, stride }: FactorTable,
): FactorTable {
  const biasPtr = scope.allocate(rows * 4, "any");
  const toPtr = metric === "cosine" ? scope.allocate(rows * stride * 4, "any") : factorsPtr;
  kernels.similarityRows(0, rows, METRIC_CODES[metric], factorsPtr, stride, toPtr, biasPtr);
  return { factorsPtr: toPtr, biasPtr, rows, stride };
}
