/** Exact rows of a bilinear model with the other side fixed: the solution that fold-in and explanations share with training. */
import type { Arena, Scope } from "../engine/arena.js";
import type { Kernels } from "../engine/kernels.js";
import { type FactorTable, type FoldedRow, placeRow } from "./factor-table.js";
import { PARAMETER_BYTES, type RowEquations } from "./row-equations.js";
import { paddedSize, solveBytes } from "./row-workspace.js";

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
  readonly equations: RowEquations;
  /** The Gram matrix of the other side times its weight, where every pair counts. */
  readonly gram?: Float32Array | undefined;
}

/** Sweeps after which coordinate descent has long come to rest, for one row. */
const EXACT_SWEEPS = 1000;

/** @returns the solved row, or undefined where the equations cannot be solved in the range of f32 */
export function solveRow(solver: RowSolver, entries: RowEntries): FoldedRow | undefined {
  const { arena, kernels, fixed } = solver;
  const { stride } = fixed;
  const { length } = entries.columns;
  return arena.scoped((scope) => {
    const solved = placeRow(arena, scope, { factors: new Float32Array(stride), bias: 0 });
    const { columnsPtr, termsPtr } = placeEntries(arena, scope, solver.equations, entries);
    const offsetsPtr = scope.allocate(8);
    arena.uint32(offsetsPtr, 2)[1] = length;
    const status = kernels.solveRows(
      0,
      1,
      0,
      offsetsPtr,
      columnsPtr,
      termsPtr,
      placeSide(arena, scope, fixed),
      placeSide(arena, scope, solved),
      stride,
      placeOwnParameters(scope, solver, length),
      scope.allocate(solveBytes(stride, length), "any"),
    );
    if (status > 0) return undefined;
    return {
      factors: arena.float32(solved.factorsPtr, stride).slice(),
      bias: arena.float32(solved.biasPtr, 1)[0]!,
    };
  });
}

/** What each entry adds to the score of `column`, but for its base. */
export function explainRow(solver: RowSolver, entries: RowEntries, column: number): Float64Array | undefined {
  const { arena, kernels, fixed, equations, offset } = solver;
  const { length } = entries.columns;
  return arena.scoped((scope) => {
    const { columnsPtr, termsPtr } = placeEntries(arena, scope, equations, entries);
    const weightsPtr = scope.allocate(length * 4, "any");
    const workspacePtr = scope.allocate(solveBytes(fixed.stride, length), "any");
    const parametersPtr = placeOwnParameters(scope, solver, length);
    const tables = [columnsPtr, termsPtr, column, placeSide(arena, scope, fixed), fixed.stride, parametersPtr] as const;
    const status = kernels.explainEntries(0, length, ...tables, weightsPtr, workspacePtr);
    if (status > 0) return undefined;
    const terms = arena.float32(termsPtr, length);
    const biases = arena.float32(fixed.biasPtr, fixed.rows);
    const weights = arena.float32(weightsPtr, length);
    return Float64Array.from(
      weights,
      (weight, at) => weight * equations.pull(terms[at]!, biases[entries.columns[at]!]!, offset),
    );
  });
}

/** What a parameter block says beside the equations: how, and of which rows. */
export interface Method {
  /** Byte addresses; 0 for none. */
  readonly gramPtr: number;
  readonly lambdasPtr: number;
  /** Sweeps of coordinate descent, where factors may not be negative. */
  readonly sweeps: number;
  readonly steps?: number;
  readonly blockSize?: number;
  /** A row of fewer entries is short: left to shortRows. */
  readonly shortBound?: number;
}

/** A block as in assembly/linalg/row-parameters.ts. */
export function placeParameters(
  arena: Arena,
  scope: Scope,
  { parameters, offset }: { parameters: RowEquations["parameters"]; offset: number },
  { gramPtr, lambdasPtr, sweeps, steps = 0, blockSize = 8, shortBound = 0 }: Method,
): number {
  const ptr = scope.allocate(PARAMETER_BYTES);
  const { perEntry, damping, biasPerEntry, biasDamping, shift, nonNegative } = parameters;
  arena.float32(ptr, 5).set([perEntry, damping, biasPerEntry, biasDamping, offset]);
  arena.uint32(ptr, 11).set([gramPtr, lambdasPtr], 5);
  arena.float32(ptr, 8)[7] = shift;
  arena.uint32(ptr, 12).set([nonNegative ? sweeps : 0, steps, blockSize, shortBound], 8);
  return ptr;
}

/** Changes which rows a block leaves out. */
export function setShortBound(arena: Arena, parametersPtr: number, bound: number): void {
  arena.uint32(parametersPtr, 12)[11] = bound;
}

/** A descriptor as in assembly/linalg/side.ts, without regularisation and state. */
export function placeSide(arena: Arena, scope: Scope, { factorsPtr, biasPtr }: FactorTable): number {
  const ptr = scope.allocate(16);
  arena.uint32(ptr, 2).set([factorsPtr, biasPtr]);
  return ptr;
}

/** The parameters of one row of `length` entries. */
function placeOwnParameters(
  scope: Scope,
  { arena, equations, fixed, offset, gram }: RowSolver,
  length: number,
): number {
  const lambda = equations.lambda(length, fixed.rows);
  const lambdasPtr = lambda === undefined ? 0 : scope.allocate(4, "any");
  if (lambda !== undefined) arena.float32(lambdasPtr, 1)[0] = lambda;
  const floats = paddedSize(fixed.stride) ** 2;
  const gramPtr = gram ? scope.allocate(floats * 4, "any") : 0;
  if (gram) arena.float32(gramPtr, floats).set(gram);
  const { parameters } = equations;
  return placeParameters(arena, scope, { parameters, offset }, { gramPtr, lambdasPtr, sweeps: EXACT_SWEEPS });
}

function placeEntries(
  arena: Arena,
  scope: Scope,
  equations: RowEquations,
  { columns, values }: RowEntries,
): { columnsPtr: number; termsPtr: number } {
  const columnsPtr = scope.allocate(columns.length * 4, "any");
  const termsPtr = scope.allocate(values.length * 4, "any");
  arena.uint32(columnsPtr, columns.length).set(columns);
  equations.writeTerms(values, arena.float32(termsPtr, values.length));
  return { columnsPtr, termsPtr };
}
