import type { Interactions } from "../data/interactions.js";
import { checkBoolean, checkInteger, checkNonNegative } from "../data/options.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { TimeSlice } from "../engine/time-slice.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import { NO_RIDGE, RatingEquations } from "../ranking/row-equations.js";
import { BilinearModel } from "./bilinear-model.js";
import type { FitOptions } from "./model.js";
import { checkFit, withDefaults } from "./options.js";
import { survey } from "./survey.js";

export interface BiasModelOptions {
  /** Times that items and then users are solved for; a whole number ≥ 1. */
  epochs: number;
  /** δ ≥ 0: a bias is worked out as if its row had δ more ratings, all of them just as expected. */
  damping: number;
  /** Whether predictions are clipped to the range of the training ratings. */
  clip: boolean;
}

export const BIAS_MODEL_DEFAULTS: Readonly<BiasModelOptions> = Object.freeze({ epochs: 10, damping: 5, clip: true });

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 64;

/**
 * Some users are harsh and some items are good: r̂_ui = μ + b_u + b_i, the baseline that a personalised model must beat
 * (Koren, Bell, Volinsky 2009, equation 3). The biases solve, in turn and each exactly, with the other side fixed,
 *
 *   b_i = Σ_u (r_ui − μ − b_u) / (n_i + δ)      b_u = Σ_i (r_ui − μ − b_i) / (n_u + δ)
 *
 * @example
 * const baseline = await new BiasModel().fit(train);
 * evaluate(baseline, test).rmse;
 */
export class BiasModel extends BilinearModel {
  protected readonly modelName = "BiasModel";
  readonly options: Readonly<BiasModelOptions>;

  /** @throws {TypeError | RangeError} that names the option, the rule and the value. */
  constructor(options: Partial<BiasModelOptions> = {}) {
    super();
    const all = withDefaults("BiasModel", BIAS_MODEL_DEFAULTS, options);
    checkInteger("epochs", all.epochs, 1);
    checkNonNegative("damping", all.damping);
    checkBoolean("clip", all.clip);
    this.options = Object.freeze(all);
  }

  /** b_u, Float32Array[users]: a view for use now, stale once memory has grown. @throws {Error} before `fit`. */
  get userBias(): Float32Array {
    return this.fitted().scores.userBias;
  }

  /** b_i, Float32Array[items]: a view for use now, stale once memory has grown. @throws {Error} before `fit`. */
  get itemBias(): Float32Array {
    return this.fitted().scores.itemBias;
  }

  async fit(train: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["signal"]);
    const counts = await survey(train, options.signal);
    const { clip } = this.options;
    const host = engine();
    await host.prepare("strict");
    const { mean, numUsers, numItems, users, items, matrix: seen } = train;
    const { userBias, itemBias } = await solveBiases(train.matrix, counts, mean, this.options, options.signal);
    this.checkUsable();
    const range = clip ? ([train.minimum, train.maximum] as const) : ([-Infinity, Infinity] as const);
    const offset = Math.fround(mean);
    const scores = new BilinearScores(host, "strict", { numUsers, numItems, factors: 0, offset, range });
    scores.userBias.set(userBias);
    scores.itemBias.set(itemBias);
    const equations = new RatingEquations({ ...NO_RIDGE, biasDamping: this.options.damping, biases: true });
    this.adopt({ scores, users, items, seen, counts, equations });
    return this;
  }
}

/** 0 for 0/0: a row without ratings has no bias. */
const divide = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);

/** The damped biases of both sides, in f64. */
async function solveBiases(
  { numRows, numColumns, offsets, columns, values }: SparseMatrix,
  counts: EntryCounts,
  mean: number,
  { epochs, damping }: Pick<BiasModelOptions, "epochs" | "damping">,
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
