/** Some users are harsh and some items are good: how much of a rating is that. */
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { TimeSlice } from "../engine/time-slice.js";

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 64;

/** 0 for 0/0: a row without ratings has no bias. */
const divide = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);

/**
 * The damped biases of both sides in f64, items' and then users' solved for `epochs` times, each exactly with the other
 * fixed: b_i = Σ_u (r_ui − mean − b_u) / (n_i + damping), and so on.
 */
export async function solveBiases(
  { numRows, numColumns, offsets, columns, values }: SparseMatrix,
  counts: EntryCounts,
  mean: number,
  { epochs, damping }: { epochs: number; damping: number },
  signal: AbortSignal | undefined,
): Promise<{ userBias: Float64Array; itemBias: Float64Array }> {
  const slice = new TimeSlice(signal);
  const userBias = new Float64Array(numRows);
  const itemBias = new Float64Array(numColumns);
  const sums = new Float64Array(numColumns);
  for (let epoch = 0; epoch < epochs; epoch++) {
    sums.fill(0);
    for (let user = 0; user < numRows; user++) {
      const base = mean + userBias[user]!;
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        sums[columns[entry]!]! += values[entry]! - base;
      }
      if (user % ROWS_PER_LOOK === 0 && slice.isOver) await slice.pause();
    }
    for (let item = 0; item < numColumns; item++) {
      itemBias[item] = divide(sums[item]!, counts.columns[item]! + damping);
    }
    for (let user = 0; user < numRows; user++) {
      let sum = 0;
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        sum += values[entry]! - mean - itemBias[columns[entry]!]!;
      }
      userBias[user] = divide(sum, counts.rows[user]! + damping);
      if (user % ROWS_PER_LOOK === 0 && slice.isOver) await slice.pause();
    }
  }
  return { userBias, itemBias };
}
