import type { Interactions } from "../data/interactions.js";
import { checkBoolean, checkInteger, checkNonNegative } from "../data/options.js";
import { engine } from "../engine/engine.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import { NO_RIDGE, RatingEquations } from "../ranking/row-equations.js";
import { solveBiases } from "./biases.js";
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
