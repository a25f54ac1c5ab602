/**
 * Rows of implicit feedback that have fewer entries than factors, solved from the side of their entries, along the
 * principal axes of the Gram matrix that all rows share (assembly/linalg/confidence-dual.ts): less work for short rows,
 * once the axes are found and the fixed side is turned to them.
 */
import { ALTERNATING_KERNELS } from "../engine/alternating-kernels.js";
import type { Scope } from "../engine/arena.js";
import { ranges } from "../engine/chunks.js";
import { type JobContext, runRanges } from "../engine/run-ranges.js";
import type { FactorTable } from "./factor-table.js";
import { paddedSize, principalAxesBytes, shortRowsBytes } from "./row-workspace.js";

/** What a pass over the rows has placed for short ones. */
export interface ShortRows {
  /** A row of fewer entries is short. */
  readonly bound: number;
  /** Solves the short rows of all chunks. Returns whether all could be; none is to be relied upon else. */
  solve(rows: ShortRowsJob): Promise<boolean>;
}

/** What the kernel is told beside the axes. */
export interface ShortRowsJob {
  readonly chunks: readonly (readonly [begin: number, end: number])[];
  /** Addresses of numbers, offsets, columns and values. */
  readonly tables: readonly number[];
  readonly solvedPtr: number;
  readonly parametersPtr: number;
}

/** Rows that one chunk turns, at most so many floats. */
const FLOATS_PER_CHUNK = 32768;

/** How much more must be saved than is spent: products of whole tiles are cheaper than those of the axes. */
const MARGIN = 2;

/** Products that the axes take, in units of stride³: they are of f64, and the turns go one after the other. */
const AXES_PRODUCTS = 16;

/**
 * The bound below which rows of these lengths are worth it, 0 where none are.
 * @param offsets u32[rows + 1]
 */
export function shortBound(offsets: Uint32Array, { rows: numFixed, stride }: FactorTable): number {
  const bound = paddedSize(stride) - 7;
  let saved = 0;
  for (let row = 1; row < offsets.length; row++) {
    const n = offsets[row]! - offsets[row - 1]!;
    if (n > 0 && n < bound) saved += wholeProducts(n, stride) - shortProducts(n, stride);
  }
  const spent = stride * stride * (numFixed + AXES_PRODUCTS * stride);
  return saved > MARGIN * spent ? bound : 0;
}

/** The products that a row of n entries takes by its factors: its matrix, its Cholesky factor, two substitutions. */
const wholeProducts = (n: number, stride: number): number => stride * stride * (n / 2 + stride / 6 + 1);

/** The same by its entries, and the way back from the axes. */
const shortProducts = (n: number, stride: number): number =>
  n * n * (stride / 2 + n / 6 + 1) + stride * (3 * n + stride);

/** Finds the axes of a Gram matrix and turns the fixed side to them; undefined where it is not worth it or not possible. */
export async function placeShortRows(
  context: JobContext,
  scope: Scope,
  offsets: Uint32Array,
  fixed: FactorTable,
  gramPtr: number,
): Promise<ShortRows | undefined> {
  const bound = shortBound(offsets, fixed);
  if (bound === 0) return undefined;
  const { rows, stride } = fixed;
  const own = { ...context, family: ALTERNATING_KERNELS };
  const vectorsPtr = scope.allocate(stride * stride * 4, "any");
  const valuesPtr = scope.allocate(stride * 4, "any");
  const gram = [gramPtr, stride, vectorsPtr, valuesPtr];
  if ((await runRanges(own, "principalAxes", [[0, 1]], gram, principalAxesBytes(stride))) !== 0) return undefined;
  const turnedPtr = scope.allocate(rows * stride * 4, "any");
  const chunks = ranges(rows, Math.max(4, Math.floor(FLOATS_PER_CHUNK / stride)));
  await runRanges(own, "rotateRows", chunks, [fixed.factorsPtr, stride, vectorsPtr, turnedPtr]);
  const turnedSidePtr = scope.allocate(16);
  context.engine.arena.uint32(turnedSidePtr, 2).set([turnedPtr, fixed.biasPtr]);
  return {
    bound,
    async solve({ chunks, tables, solvedPtr, parametersPtr }) {
      const shared = [...tables, turnedSidePtr, solvedPtr, stride, parametersPtr, vectorsPtr, valuesPtr];
      return (await runRanges(own, "shortRows", chunks, shared, shortRowsBytes(stride))) === 0;
    },
  };
}
