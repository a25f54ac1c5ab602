import type { Interactions } from "../data/interactions.js";
import { allOf } from "../engine/all-of.js";
import { DESCENT_KERNELS } from "../engine/descent-kernels.js";
import { engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import { RatingEquations } from "../ranking/row-equations.js";
import { BestEpoch } from "./best-epoch.js";
import { descend } from "./descent.js";
import { RatingFactorModel } from "./factor-model.js";
import { type GivenFactors, takeFactors } from "./given-factors.js";
import {
  checked,
  MATRIX_FACTORIZATION_DEFAULTS,
  type MatrixFactorizationOptions,
} from "./matrix-factorization-options.js";
import type { FitOptions } from "./model.js";
import { OPTIMIZERS, scheduledRate } from "./optimizers.js";
import { checkFit, withDefaults } from "./options.js";
import { areWithin, drawFactors, RatingTraining, scaleScores, type TrainingContext } from "./rating-training.js";
import { RatingValidation } from "./rating-validation.js";
import { spreadOf, survey } from "./survey.js";
import { warmUp } from "./warm-up.js";

/** RMSE, in units of the ratings' spread, that no fit on its way to anything reaches: all zero would have 1. */
const DIVERGED = 10;

/** A factor or bias, in units of the ratings' spread, that no fit on its way to anything reaches: they are of order 1. */
const RUNAWAY = 2 ** 16;

/**
 * Biased matrix factorisation (Koren, Bell, Volinsky 2009): r̂_ui = μ + b_u + b_i + p_u·q_i, trained by stochastic
 * gradient descent, AdaGrad or Adam on z = (r − μ)/σ, σ the ratings' spread, so that options mean the same on every
 * rating scale. With n_u and n_i the ratings of a user and of an item it minimises
 *
 *   Σ (z − ẑ)² + Σ_u (λ n_u + δ) ‖p_u‖² + Σ_i (λ n_i + δ) ‖q_i‖² + the same for biases with their λ and δ
 *
 * SGD steps by up to four ratings of a user together, AdaGrad and Adam by each alone.
 *
 * @example
 * const ratings = await Interactions.fromCsv("ratings.csv");
 * const model = await new MatrixFactorization({ factors: 64, seed: 7 }).fit(ratings);
 * model.recommend("alice", { count: 10 });
 */
export class MatrixFactorization extends RatingFactorModel {
  protected readonly modelName = "MatrixFactorization";
  protected override readonly families = [DESCENT_KERNELS];
  readonly options: Readonly<MatrixFactorizationOptions>;

  /** @throws {TypeError | RangeError} that names the option, the rule and the value. */
  constructor(options: Partial<MatrixFactorizationOptions> = {}) {
    super();
    this.options = Object.freeze(checked(withDefaults("MatrixFactorization", MATRIX_FACTORIZATION_DEFAULTS, options)));
  }

  /**
   * A model of factors that were learned elsewhere, ready to predict and recommend; nothing counts as seen.
   * @throws {TypeError | RangeError} if sizes do not agree or a number is not finite.
   *
   * @example
   * const model = MatrixFactorization.fromFactors({
   *   userIds: ["alice"], itemIds: ["Alien", "Heat"], userFactors: [1, 2], itemFactors: [3, 1, 0, 2],
   * });
   * model.predict("alice", "Alien"); // 5
   */
  static fromFactors(
    given: GivenFactors,
    options: Partial<Omit<MatrixFactorizationOptions, "factors">> = {},
  ): MatrixFactorization {
    const { fitted, factors } = takeFactors(given, engine().variant(options.reproducible ?? false));
    try {
      const model = new MatrixFactorization({ ...options, factors });
      model.adopt({ ...fitted, equations: model.#equations(1) });
      return model;
    } catch (error) {
      fitted.scores.dispose();
      throw error;
    }
  }

  /**
   * Learns from ratings. Without `validation` the last epoch's factors are kept, with it the best epoch's.
   * @throws {TypeError | RangeError} for bad arguments, before work starts; {Error} if the fit diverges; {RangeError} if
   * memory runs out; the signal's reason. The model is then as it was before.
   */
  async fit(train: Interactions, options: FitOptions = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["validation", "patience", "onEpoch", "signal"]);
    const { factors, globalMean, clip } = this.options;
    const [counts] = await Promise.all([survey(train, options.signal), this.#warmUp(train, options.signal)]);
    const offset = globalMean ? Math.fround(train.mean) : 0;
    const range = clip ? ([train.minimum, train.maximum] as const) : ([-Infinity, Infinity] as const);
    await this.learn(train, counts, { factors, offset, range }, options.signal, async (context, scores) => {
      await this.#train(context, train, counts, scores, options);
      return { equations: this.#equations(spreadOf(train, offset)) };
    });
    return this;
  }

  /** Threads and kernels, made ready while the ratings are looked over. */
  async #warmUp({ numUsers, size }: Interactions, signal: AbortSignal | undefined): Promise<void> {
    const { factors, optimizer, reproducible, threads } = this.options;
    const host = engine();
    const context = { engine: host, variant: host.variant(reproducible), run: { threads, signal } };
    await warmUp(context, { optimizer: OPTIMIZERS[optimizer], factors, numUsers, size });
  }

  /** What training pulls a row by, for one that is solved alone: in ratings, factors being √scale times as long. */
  #equations(scale: number): RatingEquations {
    const { regularization, damping, biasRegularization, biasDamping, biases } = this.options;
    return new RatingEquations({
      perEntry: scale * regularization,
      damping: scale * damping,
      biasPerEntry: biasRegularization,
      biasDamping,
      biases,
    });
  }

  /** Everything between zero and a finished model. */
  async #train(
    context: TrainingContext,
    train: Interactions,
    counts: EntryCounts,
    scores: BilinearScores,
    options: FitOptions,
  ): Promise<void> {
    const { optimizer, biases, initialScale, factors, seed } = this.options;
    const { offset, range } = scores;
    const scale = spreadOf(train, offset);
    const regularization = {
      perRating: this.options.regularization,
      damping: this.options.damping,
      biasPerRating: this.options.biasRegularization,
      biasDamping: this.options.biasDamping,
    };
    const settings = { optimizer: OPTIMIZERS[optimizer], offset, scale, seed, biases, regularization };
    const [, training] = await allOf([
      drawFactors(context, scores, counts, { deviation: initialScale / Math.sqrt(factors), seed }),
      RatingTraining.prepare(context, settings, { matrix: train.matrix, counts }, scores), // copies while threads draw
    ]);
    const validation =
      options.validation && new RatingValidation(context, options.validation, train, { offset, scale, range });
    await descend(
      {
        epochs: this.options.epochs,
        size: train.size,
        best: new BestEpoch(scores),
        learningRate: (epoch) => this.#learningRate(epoch),
        train: async (epoch, learningRate) => {
          const trainRmse = scale * Math.sqrt((await training.runEpoch(epoch, learningRate)) / train.size);
          if (!(trainRmse < DIVERGED * scale))
            this.#rejectDivergence(`the training RMSE of epoch ${epoch} is ${trainRmse}`);
          return trainRmse;
        },
        validate: async () => validation?.rmse(scores),
      },
      options,
    );
    // The last steps are seen by no training error, and what they leave may be finite and its products not.
    if (!(await areWithin(context, scores, RUNAWAY))) this.#rejectDivergence("the factors have run away");
    await scaleScores(context, scores, scale);
  }

  /** The rate of an epoch, from 1. */
  #learningRate(epoch: number): number {
    const { epochs, learningRate, learningRateSchedule } = this.options;
    const optimizer = OPTIMIZERS[this.options.optimizer];
    const rate = learningRate === "auto" ? optimizer.autoLearningRate(epochs) : learningRate;
    const schedule = learningRateSchedule === "auto" ? optimizer.autoSchedule : learningRateSchedule;
    return scheduledRate(rate, schedule, epoch, epochs);
  }

  #rejectDivergence(what: string): never {
    const rate = this.#learningRate(1);
    throw new Error(
      `MatrixFactorization diverged: ${what}; lower learningRate, now ${rate}, or raise regularization, ` +
        `now ${this.options.regularization}`,
    );
  }
}
