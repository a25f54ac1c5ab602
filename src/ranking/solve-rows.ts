/** Rows of one side of a bilinear model solved on the pool, the other side fixed. */
import type { Scope } from "../engine/arena.js";
import { ranges, rowRanges } from "../engine/chunks.js";
import type { CompressedRows } from "../engine/compressed-rows.js";
import { type JobContext, rangeResults } from "../engine/run-ranges.js";
import type { FactorTable } from "./factor-table.js";
import { placeGram } from "./gram.js";
import type { RowEquations } from "./row-equations.js";
import type { RowMethod } from "./row-methods.js";
import { placeParameters, placeSide, setShortBound } from "./row-solver.js";
import { panelBytes, SLICE_ENTRIES, systemBytes } from "./row-workspace.js";
import type { ShortRows } from "./short-rows.js";

/** Rows that can be solved again and again. */
export interface SolvableRows {
  readonly entries: CompressedRows;
  /** Where each row is written; absent: row t to t. */
  readonly numbers?: Uint32Array | undefined;
  readonly equations: RowEquations;
  readonly offset: number;
  readonly method: RowMethod;
  /** Sweeps of coordinate descent, where factors may not be negative. */
  readonly sweeps: number;
}

/** What came of it. */
export interface SolveOutcome {
  /** Rows with a pivot that was not positive, solved with a jitter. */
  readonly jittered: number;
  /** The first row (of the entries) that could not be solved even so; those behind it in its chunk are as they were. */
  readonly failed: number | undefined;
}

/** Memory for the systems of slices that are at work together. */
const SLICE_BYTES = 64 * 2 ** 20;

/** Solves all rows. Rows of more than SLICE_ENTRIES entries are shared out in slices, and solved exactly by any method. */
export async function solveRows(
  context: JobContext,
  rows: SolvableRows,
  fixed: FactorTable,
  solved: FactorTable,
): Promise<SolveOutcome> {
  const scope = context.engine.arena.scope();
  try {
    const pass = await placePass(context, scope, rows, fixed, solved);
    const statuses: Float64Array[] = [];
    for (const batch of sliceBatches(rows.entries.offsets, systemBytes(fixed.stride))) {
      statuses.push(await solveInSlices(pass, batch));
    }
    statuses.push(await solveWhole(pass));
    return outcomeOf(statuses);
  } finally {
    scope.release();
  }
}

/** From what the kernels returned: minus a number of rows with a jitter, or 1 + a row that could not be solved. */
function outcomeOf(statuses: readonly Float64Array[]): SolveOutcome {
  let jittered = 0;
  let failed: number | undefined;
  for (const each of statuses) {
    for (const status of each) {
      if (status > 0) failed = Math.min(failed ?? Number.POSITIVE_INFINITY, status - 1);
      else jittered -= status;
    }
  }
  return { jittered, failed };
}

/** All that the kernels of one pass over the rows are called with. */
interface Pass {
  readonly context: JobContext;
  readonly rows: SolvableRows;
  readonly stride: number;
  readonly numbersPtr: number;
  readonly fixedPtr: number;
  readonly solvedPtr: number;
  readonly parametersPtr: number;
  readonly shortRows: ShortRows | undefined;
}

async function placePass(
  context: JobContext,
  scope: Scope,
  rows: SolvableRows,
  fixed: FactorTable,
  solved: FactorTable,
): Promise<Pass> {
  const { arena } = context.engine;
  const { entries, numbers, method, sweeps } = rows;
  const numbersPtr = numbers ? scope.allocate(numbers.length * 4, "any") : 0;
  if (numbers) arena.uint32(numbersPtr, numbers.length).set(numbers);
  const weight = rows.equations.unobservedWeight;
  const gramPtr = weight === undefined ? 0 : await placeGram(context, scope, fixed, weight);
  const lambdasPtr = placeLambdas(context, scope, rows.equations, entries, fixed.rows);
  const shortRows =
    gramPtr === 0 ? undefined : await method.placeShortRows?.(context, scope, entries.offsets, fixed, gramPtr);
  const block = { parameters: rows.equations.parameters, offset: rows.offset };
  const settings = { ...method.settings, gramPtr, lambdasPtr, sweeps, shortBound: shortRows?.bound ?? 0 };
  const parametersPtr = placeParameters(arena, scope, block, settings);
  const fixedPtr = placeSide(arena, scope, fixed);
  const solvedPtr = placeSide(arena, scope, solved);
  return { context, rows, stride: fixed.stride, numbersPtr, fixedPtr, solvedPtr, parametersPtr, shortRows };
}

/** λ of each row, f32[rows]; 0 where the kernels work it out. */
export function placeLambdas(
  { engine: { arena } }: JobContext,
  scope: Scope,
  equations: RowEquations,
  { offsets, numRows }: CompressedRows,
  numFixed: number,
): number {
  if (equations.lambda(1, numFixed) === undefined) return 0;
  const ptr = scope.allocate(numRows * 4, "any");
  const lambdas = arena.float32(ptr, numRows);
  const known = new Map<number, number>(); // many rows are of one length
  for (let row = 0; row < numRows; row++) {
    const n = offsets[row + 1]! - offsets[row]!;
    const lambda = known.get(n) ?? equations.lambda(n, numFixed)!;
    known.set(n, lambda);
    lambdas[row] = lambda;
  }
  return ptr;
}

/** The rows that are not taken in slices. */
async function solveWhole({ context, rows, stride, ...pass }: Pass): Promise<Float64Array> {
  const { entries, method } = rows;
  const { offsets } = entries;
  const lengthOf = ([begin, end]: readonly [number, number]): number => offsets[end]! - offsets[begin]!;
  const chunks = rowRanges(offsets).filter((range) => lengthOf(range) <= SLICE_ENTRIES); // a long row is alone
  const longest = chunks.reduce((most, range) => Math.max(most, lengthOf(range)), 0);
  const { offsetsPtr, columnsPtr, valuesPtr } = entries;
  const { numbersPtr, fixedPtr, solvedPtr, parametersPtr, shortRows } = pass;
  const tables = [numbersPtr, offsetsPtr, columnsPtr, valuesPtr];
  if (shortRows && !(await shortRows.solve({ chunks, tables, solvedPtr, parametersPtr }))) {
    setShortBound(context.engine.arena, parametersPtr, 0);
  }
  return rangeResults(
    { ...context, family: method.family },
    method.kernel,
    chunks,
    [...tables, fixedPtr, solvedPtr, stride, parametersPtr],
    method.workspaceBytes(stride, longest),
  );
}

/** Long rows in groups whose systems fit into memory together; one row at least. */
function sliceBatches(offsets: Uint32Array, bytesPerSystem: number): number[][] {
  const batches: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length <= SLICE_ENTRIES) continue;
    const own = Math.ceil(length / SLICE_ENTRIES) * bytesPerSystem;
    if (bytes + own > SLICE_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(row);
    bytes += own;
  }
  return batches;
}

async function solveInSlices(pass: Pass, batch: readonly number[]): Promise<Float64Array> {
  const { context, rows, stride, fixedPtr, solvedPtr, parametersPtr } = pass;
  const { offsets, columnsPtr, valuesPtr } = rows.entries;
  const scope = context.engine.arena.scope();
  try {
    const bytes = systemBytes(stride);
    const lengthOf = (row: number): number => offsets[row + 1]! - offsets[row]!;
    const counts = batch.map((row) => Math.ceil(lengthOf(row) / SLICE_ENTRIES));
    const systemsPtr = scope.allocate(counts.reduce((sum, count) => sum + count, 0) * bytes, "any");
    const firsts = [systemsPtr];
    for (const [at, count] of counts.entries()) firsts.push(firsts[at]! + count * bytes);
    const slices = batch.flatMap((row, at) =>
      ranges(lengthOf(row), SLICE_ENTRIES).map(([begin, end], slice) => [
        ...[offsets[row]! + begin, offsets[row]! + end],
        firsts[at]! + slice * bytes,
      ]),
    );
    const tables = [columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr];
    await rangeResults(context, "accumulateSlice", slices, tables, panelBytes(stride));
    const merges = counts.map((count, at) => [firsts[at]!, count]);
    await rangeResults(context, "mergeSlices", merges, [stride, parametersPtr]);
    const solves = batch.map((row, at) => [row, rows.numbers?.[row] ?? row, lengthOf(row), firsts[at]!]);
    return await rangeResults(context, "solveMerged", solves, [solvedPtr, stride, parametersPtr], bytes);
  } finally {
    scope.release();
  }
}
