import { appendInteractions } from "../data/append.js";
import type { IdIndex } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { describeValue } from "../data/options.js";
import { SparseMatrix } from "../data/sparse-matrix.js";
import { placeRows } from "../engine/compressed-rows.js";
import type { Engine } from "../engine/engine.js";
import { countEntries } from "../engine/entry-counts.js";
import type { JobContext } from "../engine/run-ranges.js";
import { TimeSlice } from "../engine/time-slice.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import type { Side } from "../ranking/scores.js";
import { type SolvableRows, solveRows } from "../ranking/solve-rows.js";
import type { FittedBilinear } from "./bilinear-model.js";

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
 * A model's next state: with `more` interactions, their users and items. Rows that `more` touches are solved exactly from
 * all of their interactions, users and items in turn; all others keep their bits.
 * @throws {Error} that names a user or an item whose equations cannot be solved; the signal's reason
 */
export async function growModel(
  engine: Engine,
  state: FittedBilinear,
  more: Interactions,
  run: { threads: number; signal: AbortSignal | undefined },
): Promise<FittedBilinear> {
  const { scores, users, items, seen, equations } = state;
  if (!seen) {
    throw new Error("partialFit needs the training interactions, which this model was made or saved without; call fit");
  }
  const slice = new TimeSlice(run.signal);
  const grown = appendInteractions({ users, items, matrix: seen }, more);
  if (slice.isOver) await slice.pause();
  const [lowest, highest] = scores.range;
  const next = new BilinearScores(engine, scores.variant, {
    numUsers: grown.users.size,
    numItems: grown.items.size,
    factors: scores.userFactors.columns,
    offset: scores.offset,
    range: [Math.min(lowest, more.minimum), Math.max(highest, more.maximum)],
  });
  try {
    next.userFactors.values.set(scores.userFactors.values);
    next.itemFactors.values.set(scores.itemFactors.values);
    next.userBias.set(scores.userBias);
    next.itemBias.set(scores.itemBias);
    if (equations.hasBias || next.userFactors.columns > 0) {
      await solveTouched({ engine, variant: scores.variant, run }, next, state, grown, slice);
    }
    const counts = await countEntries(grown.matrix, slice);
    return { ...state, scores: next, users: grown.users, items: grown.items, seen: grown.matrix, counts };
  } catch (error) {
    next.dispose();
    throw error;
  }
}

/** Solves the touched users and items in turn. */
async function solveTouched(
  context: JobContext,
  next: BilinearScores,
  { equations }: FittedBilinear,
  grown: ReturnType<typeof appendInteractions>,
  slice: TimeSlice,
): Promise<void> {
  const { arena } = context.engine;
  const scope = arena.scope();
  const touch = async (side: Side, matrix: SparseMatrix, numbers: Uint32Array): Promise<TouchedRows> => {
    const writeTerms = equations.writeTerms.bind(equations);
    const entries = await placeRows(arena, scope, takeRows(matrix, numbers), writeTerms, slice);
    const method = { name: "cholesky" } as const;
    return { side, solvable: { entries, numbers, equations, offset: next.offset, method, sweeps: DESCENT_SWEEPS } };
  };
  try {
    const touched = [
      await touch("users", grown.matrix, grown.touchedUsers),
      await touch("items", grown.matrix.transpose(), grown.touchedItems),
    ];
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (const rows of touched) await solveSide(context, next, rows, grown);
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
