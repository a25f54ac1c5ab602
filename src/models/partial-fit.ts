import { appendInteractions } from "../data/append.js";
import type { IdIndex } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { describeValue } from "../data/options.js";
import { SparseMatrix } from "../data/sparse-matrix.js";
import type { Engine } from "../engine/engine.js";
import { countEntries } from "../engine/entry-counts.js";
import type { JobContext } from "../engine/run-ranges.js";
import { TimeSlice } from "../engine/time-slice.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import { solveRows } from "../ranking/row-solver.js";
import type { Side } from "../ranking/scores.js";
import type { FittedBilinear } from "./bilinear-model.js";

/** Times that the touched users and then the touched items are solved for. */
const SWEEPS = 3;

/** The rows of a side that have something new, and all their entries, in the order of `rows`. */
interface TouchedRows {
  readonly side: Side;
  readonly rows: Uint32Array;
  readonly entries: SparseMatrix;
}

/**
 * A model's next state: with `more` interactions, their users and items. Rows that `more` touches are solved exactly from
 * all of their interactions, users and items in turn; all others keep their bits.
 * @throws {Error} that names a user or an item whose equations are singular; the signal's reason
 */
export async function growModel(
  engine: Engine,
  state: FittedBilinear,
  more: Interactions,
  run: { threads: number; signal: AbortSignal | undefined },
): Promise<FittedBilinear> {
  const { scores, users, items, seen, ridge } = state;
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
    if (ridge.biases || next.userFactors.columns > 0) {
      const touched: TouchedRows[] = [
        { side: "users", rows: grown.touchedUsers, entries: takeRows(grown.matrix, grown.touchedUsers) },
        { side: "items", rows: grown.touchedItems, entries: takeRows(grown.matrix.transpose(), grown.touchedItems) },
      ];
      if (slice.isOver) await slice.pause();
      const context = { engine, variant: scores.variant, run };
      for (let sweep = 0; sweep < SWEEPS; sweep++) {
        for (const rows of touched) await solveSide(context, next, state, rows, grown);
      }
    }
    const counts = await countEntries(grown.matrix, slice);
    return { ...state, scores: next, users: grown.users, items: grown.items, seen: grown.matrix, counts };
  } catch (error) {
    next.dispose();
    throw error;
  }
}

async function solveSide(
  context: JobContext,
  scores: BilinearScores,
  { ridge }: FittedBilinear,
  { side, rows, entries }: TouchedRows,
  ids: Record<Side, IdIndex>,
): Promise<void> {
  const fixed = scores.table(side === "users" ? "items" : "users");
  const solver = { fixed, offset: scores.offset, ridge };
  const singular = await solveRows(context, solver, scores.table(side), rows, entries);
  if (singular === undefined) return;
  const id = describeValue(ids[side].idAt(rows[singular]!));
  throw new Error(
    `partialFit: the interactions of ${side === "users" ? "user" : "item"} ${id} do not determine the factors; ` +
      "fit with regularization or damping above 0",
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
