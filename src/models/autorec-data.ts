/** Training data as AutoRec goes over them. */
import type { Interactions } from "../data/interactions.js";
import { RandomPurpose, RandomStream } from "../data/random.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { mirroredRows } from "../engine/compressed-rows.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { TimeSlice } from "../engine/time-slice.js";
import { Centering } from "./autorec-centering.js";
import type { AutoRecOptions } from "./autorec-options.js";
import type { Output } from "./autorec-outputs.js";
import { BIAS_DAMPING } from "./autorec-settings.js";
import { type AutoRecData, shuffled } from "./autorec-training.js";
import { solveBiases } from "./biases.js";
import type { TrainingContext } from "./rating-training.js";
import { spreadOf } from "./survey.js";

/** Times that items' and then users' biases are solved for. */
const BIAS_SWEEPS = 10;

/** What a fit goes over, and what was taken off the ratings. */
export interface CentredData {
  readonly centering: Centering;
  /** f32[rows] */
  readonly rowBias: Float32Array;
  readonly data: AutoRecData;
}

export async function autorecData(
  context: TrainingContext,
  train: Interactions,
  counts: EntryCounts,
  options: AutoRecOptions,
  { mean, output }: { mean: number; output: Output },
  slice: TimeSlice,
): Promise<CentredData> {
  const byItem = options.orientation === "user";
  const matrix: SparseMatrix = byItem
    ? await mirroredRows(context.engine.arena, train.matrix, counts.columns, slice)
    : train.matrix;
  const [inputCounts, rowCounts] = byItem ? [counts.columns, counts.rows] : [counts.rows, counts.columns];
  const columnBias = new Float32Array(matrix.numRows);
  if (options.centering === "biases") {
    const settings = { epochs: BIAS_SWEEPS, damping: BIAS_DAMPING };
    const { userBias, itemBias } = await solveBiases(train.matrix, counts, mean, settings, context.run.signal);
    columnBias.set(byItem ? itemBias : userBias);
  }
  const scale = spreadOf(train, mean);
  const centering = new Centering(options.centering, { offset: mean, scale }, columnBias);
  const rowBias = await centering.rowBiases(matrix, slice);
  const numbers = { rowBias, columnBias, offset: mean, scale, target: output.target };
  const withEntries = Uint32Array.from(rowCounts.keys()).filter((row) => rowCounts[row]! > 0);
  const rows = shuffled(withEntries, new RandomStream(options.seed, RandomPurpose.batchRows));
  return { centering, rowBias, data: { byInput: matrix, inputCounts, rows, numbers } };
}
