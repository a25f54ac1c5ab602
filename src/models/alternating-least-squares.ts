import type { Interactions } from "../data/interactions.js";
import { ALTERNATING_KERNELS } from "../engine/alternating-kernels.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import { RatingEquations } from "../ranking/row-equations.js";
import { CHOLESKY } from "../ranking/row-methods.js";
import {
  ALTERNATING_LEAST_SQUARES_DEFAULTS,
  type AlternatingLeastSquaresOptions,
  checked,
} from "./alternating-least-squares-options.js";
import { AlternatingTraining } from "./alternating-training.js";
import { BestEpoch } from "./best-epoch.js";
import { RatingFactorModel } from "./factor-model.js";
import type { FitOptions, HalfStepReport, RatingReport, SolverReport } from "./model.js";
import { checkFit, withDefaults } from "./options.js";
import { drawItemFactors, type TrainingContext } from "./rating-training.js";
import { RatingValidation } from "./rating-validation.js";
import { spreadOf, survey } from "./survey.js";

/** What every epoch of `AlternatingLeastSquares` tells `onEpoch`. */
export interface AlternatingReport extends RatingReport, SolverReport {}

/** What `AlternatingLeastSquares.fit` takes. Whoever listens costs one more pass over the ratings each time. */
export interface AlternatingFitOptions extends FitOptions<AlternatingReport> {
  /** Told after users and after items were solved for; the objective never rises from one to the next. */
  onHalfStep?: (report: HalfStepReport) => void;
}

/**
 * Matrix factorisation by alternating least squares (Zhou et al. 2008, with biases): r̂_ui = μ + b_u + b_i + p_u·q_i,
 * every user solved for exactly with the items fixed, then every item with the users fixed, and so on. With n_u and n_i the
 * ratings of a user and of an item, and σ the ratings' spread, it minimises
 *
 *   Σ (r − r̂)² + σ Σ_u (λ n_u + δ) ‖p_u‖² + σ Σ_i (λ n_i + δ) ‖q_i‖² + the same for biases with their λ and δ, without σ
 *
 * which is what `MatrixFactorization` minimises with the same options. Few epochs and no learning rate; an epoch takes time
 * that grows with the square of `factors`.
 *
 * @example
 * const ratings = await Interactions.fromCsv("ratings.csv");
 * const model = await new AlternatingLeastSquares({ factors: 32, seed: 7 }).fit(ratings);
 * model.recommend("alice", { count: 10 });
 */
export class AlternatingLeastSquares extends RatingFactorModel {
  protected readonly modelName = "AlternatingLeastSquares";
  protected override readonly families = [ALTERNATING_KERNELS];
  readonly options: Readonly<AlternatingLeastSquaresOptions>;

  /** @throws {TypeError | RangeError} that names the option, the rule and the value. */
  constructor(options: Partial<AlternatingLeastSquaresOptions> = {}) {
    super();
    const all = withDefaults("AlternatingLeastSquares", ALTERNATING_LEAST_SQUARES_DEFAULTS, options);
    this.options = Object.freeze(checked(all));
  }

  /**
   * Learns from ratings. Without `validation` the last epoch's factors are kept, with it the best epoch's.
   * @throws {TypeError | RangeError} for bad arguments, before work starts; {Error} that names a user or an item whose
   * equations have no solution in single precision; {RangeError} if memory runs out; the signal's reason. The model is
   * then as it was before.
   */
  async fit(train: Interactions, options: AlternatingFitOptions = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["validation", "patience", "onEpoch", "onHalfStep", "signal"]);
    const counts = await survey(train, options.signal);
    const { factors, globalMean, clip } = this.options;
    const offset = globalMean ? Math.fround(train.mean) : 0;
    const range = clip ? ([train.minimum, train.maximum] as const) : ([-Infinity, Infinity] as const);
    await this.learn(train, counts, { factors, offset, range }, options.signal, async (context, scores) => {
      const equations = this.#equations(spreadOf(train, offset));
      await this.#train(context, train, counts, scores, equations, options);
      return { equations };
    });
    return this;
  }

  #equations(scale: number): RatingEquations {
    const { regularization, damping, biasRegularization, biasDamping, biases, nonNegative } = this.options;
    return new RatingEquations({
      perEntry: scale * regularization,
      damping: scale * damping,
      biasPerEntry: biasRegularization,
      biasDamping,
      biases,
      nonNegative,
    });
  }

  async #train(
    context: TrainingContext,
    train: Interactions,
    counts: EntryCounts,
    scores: BilinearScores,
    equations: RatingEquations,
    options: AlternatingFitOptions,
  ): Promise<void> {
    const { initialScale, factors, seed, nonNegative } = this.options;
    const { offset, range } = scores;
    const deviation = (initialScale * Math.sqrt(spreadOf(train, offset))) / Math.sqrt(factors);
    await drawItemFactors(context, scores, counts, { deviation, seed });
    if (nonNegative) {
      const { values } = scores.itemFactors;
      for (let at = 0; at < values.length; at++) values[at] = Math.abs(values[at]!);
    }
    const { modelName } = this;
    const { matrix, users, items } = train;
    const plan = { modelName, matrix, counts, ids: { users, items }, equations, method: CHOLESKY };
    const training = await AlternatingTraining.prepare(context, plan, scores);
    const validation =
      options.validation && new RatingValidation(context, options.validation, train, { offset, scale: 1, range });
    await this.#runEpochs(training, validation, scores, train.size, options);
  }

  async #runEpochs(
    training: AlternatingTraining,
    validation: RatingValidation | undefined,
    scores: BilinearScores,
    size: number,
    { patience = Infinity, onEpoch, onHalfStep }: AlternatingFitOptions,
  ): Promise<void> {
    const { epochs, tolerance } = this.options;
    const best = new BestEpoch(scores);
    let before = Infinity;
    for (let epoch = 1; epoch <= epochs && best.epochsBehind(epoch - 1) < patience; epoch++) {
      const { seconds, jitteredRows } = await training.runEpoch(epoch, onHalfStep);
      const validationRmse = await validation?.rmse(scores);
      const isBest = best.offer(epoch, validationRmse);
      if (!onEpoch && tolerance === 0) continue;
      const loss = await training.loss();
      const objective = await training.objective(loss);
      const trainRmse = Math.sqrt(loss / size);
      const ratingsPerSecond = size / Math.max(seconds, 1e-6); // a clock may be coarse
      const errors = { trainRmse, validationRmse, isBest };
      onEpoch?.({ epoch, epochs, ...errors, objective, jitteredRows, seconds, ratingsPerSecond });
      if (tolerance > 0 && before - objective < tolerance * objective) break;
      before = objective;
    }
    best.restore();
  }
}
