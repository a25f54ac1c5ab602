/** Exact rows of a bilinear model with the other side fixed: the ridge solution that fold-in, partial fits and explanations share. */
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Arena, Scope } from "../engine/arena.js";
import { ranges } from "../engine/chunks.js";
import type { Kernels } from "../engine/kernels.js";
import { type JobContext, rangeResults } from "../engine/run-ranges.js";
import { type FactorTable, type FoldedRow, placeRow } from "./factor-table.js";

/**
 * The pull of a row of n entries to zero: (perEntry n + damping) ‖p‖² + (biasPerEntry n + biasDamping) b², in units of the
 * values.
 */
export interface Ridge {
  readonly perEntry: number;
  readonly damping: number;
  readonly biasPerEntry: number;
  readonly biasDamping: number;
  /** Whether rows have a bias. */
  readonly biases: boolean;
}

/** Of a model whose rows have neither factors nor a bias. */
export const NO_RIDGE: Ridge = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, biases: false };

/** Columns and values of one row, in any order. */
export interface RowEntries {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Where a row is solved. */
export interface RowSolver {
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** The other side. */
  readonly fixed: FactorTable;
  readonly offset: number;
  readonly ridge: Ridge;
}

/** Entries of one chunk of rows; a row of more is a chunk of its own. */
const ENTRIES_PER_CHUNK = 4096;
const ROWS_PER_CHUNK = 64;

/** Bytes that the kernels solveRows and explainEntries work in. */
function solverBytes(stride: number): number {
  const size = Math.ceil(stride / 8) * 8;
  return (size * size + 67 * size + 80) * 4;
}

/** @returns the solved row, or undefined where the equations are singular: only possible without regularisation */
export function solveRow(solver: RowSolver, entries: RowEntries): FoldedRow | undefined {
  const { arena, kernels, fixed } = solver;
  const { stride } = fixed;
  return arena.scoped((scope) => {
    const solved = placeRow(arena, scope, { factors: new Float32Array(stride), bias: 0 });
    const { columnsPtr, valuesPtr } = placeEntries(arena, scope, entries);
    const offsetsPtr = scope.allocate(8);
    arena.uint32(offsetsPtr, 2)[1] = entries.columns.length;
    const status = kernels.solveRows(
      0,
      1,
      0,
      offsetsPtr,
      columnsPtr,
      valuesPtr,
      placeSide(arena, scope, fixed),
      placeSide(arena, scope, solved),
      stride,
      placeParameters(arena, scope, solver),
      scope.allocate(solverBytes(stride), "any"),
    );
    if (status !== 0) return undefined;
    return {
      factors: arena.float32(solved.factorsPtr, stride).slice(),
      bias: arena.float32(solved.biasPtr, 1)[0]!,
    };
  });
}

/** The weight of each entry in the score of `column`: the score less its base is Σ weight · (value − offset − b_column). */
export function explainRow(solver: RowSolver, entries: RowEntries, column: number): Float32Array | undefined {
  const { arena, kernels, fixed } = solver;
  const { length } = entries.columns;
  return arena.scoped((scope) => {
    const { columnsPtr, valuesPtr } = placeEntries(arena, scope, entries);
    const weightsPtr = scope.allocate(length * 4, "any");
    const workspacePtr = scope.allocate(solverBytes(fixed.stride), "any");
    const fixedPtr = placeSide(arena, scope, fixed);
    const parametersPtr = placeParameters(arena, scope, solver);
    const tables = [columnsPtr, valuesPtr, column, fixedPtr, fixed.stride, parametersPtr] as const;
    const status = kernels.explainEntries(0, length, ...tables, weightsPtr, workspacePtr);
    return status === 0 ? arena.float32(weightsPtr, length).slice() : undefined;
  });
}

/**
 * Solves rows `numbers[t]` of a table from row t of `matrix`, on the pool.
 * @returns the row (of the matrix) whose equations are singular, or undefined
 */
export async function solveRows(
  context: JobContext,
  solver: Pick<RowSolver, "fixed" | "offset" | "ridge">,
  solved: FactorTable,
  numbers: Uint32Array,
  matrix: SparseMatrix,
): Promise<number | undefined> {
  const { arena } = context.engine;
  const scope = arena.scope();
  try {
    const { offsets, numRows } = matrix;
    const numbersPtr = scope.allocate(numRows * 4, "any");
    const offsetsPtr = scope.allocate((numRows + 1) * 4, "any");
    arena.uint32(numbersPtr, numRows).set(numbers);
    arena.uint32(offsetsPtr, numRows + 1).set(offsets);
    const { columnsPtr, valuesPtr } = placeEntries(arena, scope, matrix);
    const { stride } = solver.fixed;
    const shared = [
      numbersPtr,
      offsetsPtr,
      columnsPtr,
      valuesPtr,
      placeSide(arena, scope, solver.fixed),
      placeSide(arena, scope, solved),
      stride,
      placeParameters(arena, scope, solver),
    ];
    const chunks = rowChunks(offsets);
    const statuses = await rangeResults(context, "solveRows", chunks, shared, solverBytes(stride));
    const failed = statuses.find((status) => status !== 0);
    return failed === undefined ? undefined : failed - 1;
  } finally {
    scope.release();
  }
}

/** Rows in ranges of about equal work. */
function rowChunks(offsets: Uint32Array): [begin: number, end: number][] {
  const chunks: [number, number][] = [];
  for (const [first, last] of ranges(offsets.length - 1, ROWS_PER_CHUNK)) {
    let begin = first;
    for (let row = first; row < last; row++) {
      if (row + 1 < last && offsets[row + 2]! - offsets[begin]! <= ENTRIES_PER_CHUNK) continue;
      chunks.push([begin, row + 1]);
      begin = row + 1;
    }
  }
  return chunks;
}

/** A descriptor as in assembly/linalg/side.ts, without regularisation and state. */
function placeSide(arena: Arena, scope: Scope, { factorsPtr, biasPtr }: FactorTable): number {
  const ptr = scope.allocate(16);
  arena.uint32(ptr, 2).set([factorsPtr, biasPtr]);
  return ptr;
}

function placeParameters(arena: Arena, scope: Scope, { offset, ridge }: Pick<RowSolver, "offset" | "ridge">): number {
  const ptr = scope.allocate(20);
  const biasPerEntry = ridge.biases ? ridge.biasPerEntry : -1;
  arena.float32(ptr, 5).set([ridge.perEntry, ridge.damping, biasPerEntry, ridge.biasDamping, offset]);
  return ptr;
}

function placeEntries(
  arena: Arena,
  scope: Scope,
  { columns, values }: RowEntries,
): { columnsPtr: number; valuesPtr: number } {
  const columnsPtr = scope.allocate(columns.length * 4, "any");
  const valuesPtr = scope.allocate(values.length * 4, "any");
  arena.uint32(columnsPtr, columns.length).set(columns);
  arena.float32(valuesPtr, values.length).set(values);
  return { columnsPtr, valuesPtr };
}
