/** Rows that a partial fit touches: solved exactly from all of their interactions. */
import type { IdIndex } from "../data/id-index.js";
import { describeValue } from "../data/options.js";
import { SparseMatrix } from "../data/sparse-matrix.js";
import { placeRows } from "../engine/compressed-rows.js";
import type { JobContext } from "../engine/run-ranges.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { RowEquations } from "../ranking/row-equations.js";
import { CHOLESKY } from "../ranking/row-methods.js";
import type { Side } from "../ranking/scores.js";
import { type SolvableRows, solveRows } from "../ranking/solve-rows.js";
import type { Growth } from "./partial-fit.js";

/** Times that the touched users and then the touched items are solved for. */
const SWEEPS = 3;

/** The rows of a side that have something new. */
interface TouchedRows {
  readonly side: Side;
  readonly solvable: SolvableRows & { readonly numbers: Uint32Array };
}

/** Sweeps of coordinate descent each time, where factors may not be negative. */
const DESCENT_SWEEPS = 50;

/**
 * Solves the touched users and items in turn, or those of one side; all other rows keep their bits.
 * @throws {Error} that names a user or an item whose equations cannot be solved; the signal's reason
 */
export async function solveTouched(
  { context, scores, grown, slice }: Growth<unknown>,
  equations: RowEquations,
  sides: readonly Side[] = ["users", "items"],
): Promise<void> {
  if (!equations.hasBias && scores.userFactors.columns === 0) return;
  const { arena } = context.engine;
  const scope = arena.scope();
  const touch = async (side: Side): Promise<TouchedRows> => {
    const [matrix, numbers] =
      side === "users" ? [grown.matrix, grown.touchedUsers] : [grown.matrix.transpose(), grown.touchedItems];
    const writeTerms = equations.writeTerms.bind(equations);
    const entries = await placeRows(arena, scope, takeRows(matrix, numbers), writeTerms, slice);
    const { offset } = scores;
    const how = { equations, offset, method: CHOLESKY, sweeps: DESCENT_SWEEPS };
    return { side, solvable: { entries, numbers, ...how } };
  };
  try {
    const touched: TouchedRows[] = [];
    for (const side of sides) touched.push(await touch(side));
    for (let sweep = 0; sweep < (sides.length > 1 ? SWEEPS : 1); sweep++) {
      for (const rows of touched) await solveSide(context, scores, rows, grown);
    }
  } finally {
    scope.release();
  }
}

async function solveSide(
  context: JobContext,
  scores: BilinearScores,
  { side, solvable }: TouchedRows,
  ids: Record<Side, IdIndex>,
): Promise<void> {
  const fixed = scores.table(side === "users" ? "items" : "users");
  const { failed } = await solveRows(context, solvable, fixed, scores.table(side));
  if (failed === undefined) return;
  const id = describeValue(ids[side].idAt(solvable.numbers[failed]!));
  throw new Error(
    `partialFit: the interactions of ${side === "users" ? "user" : "item"} ${id} have no solution in single precision; ` +
      "fit with more regularization or damping, or bring the values nearer to 1",
  );
}

/** Some rows of a matrix as a matrix. */
function takeRows({ offsets, columns, values, numColumns }: SparseMatrix, rows: Uint32Array): SparseMatrix {
  const taken = new Uint32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) taken[at + 1] = taken[at]! + offsets[row + 1]! - offsets[row]!;
  const takenColumns = new Uint32Array(taken[rows.length]!);
  const takenValues = new Float32Array(taken[rows.length]!);
  for (const [at, row] of rows.entries()) {
    takenColumns.set(columns.subarray(offsets[row], offsets[row + 1]), taken[at]);
    takenValues.set(values.subarray(offsets[row], offsets[row + 1]), taken[at]);
  }
  return new SparseMatrix(rows.length, numColumns, taken, takenColumns, takenValues);
}
