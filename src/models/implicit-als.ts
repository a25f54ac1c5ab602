import type { Interactions } from "../data/interactions.js";
import { ALTERNATING_KERNELS } from "../engine/alternating-kernels.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import { typicalStrength } from "../ranking/confidence.js";
import { ConfidenceEquations, type RowEquations } from "../ranking/row-equations.js";
import { CONFIDENCE_CHOLESKY, conjugateGradient, type RowMethod, subspace } from "../ranking/row-methods.js";
import { AlternatingTraining } from "./alternating-training.js";
import { FactorModel } from "./factor-model.js";
import { GradientDescent } from "./gradient-descent.js";
import { checked, IMPLICIT_ALS_DEFAULTS, type ImplicitALSOptions } from "./implicit-als-options.js";
import type { EpochTimes, FitOptions, HalfStepReport, SolverReport } from "./model.js";
import { checkFit, withDefaults } from "./options.js";
import { drawItemFactors, type TrainingContext } from "./rating-training.js";
import { survey } from "./survey.js";

/** What every epoch of `ImplicitALS` tells `onEpoch`. */
export interface ImplicitReport extends EpochTimes, SolverReport {}

/** What `ImplicitALS.fit` takes. Whoever listens costs one more pass over the interactions each time. */
export interface ImplicitFitOptions extends Pick<FitOptions<ImplicitReport>, "onEpoch" | "signal"> {
  /** Told after users and after items were solved for; the objective never rises from one to the next. */
  onHalfStep?: (report: HalfStepReport) => void;
}

/**
 * Matrix factorisation of implicit feedback by alternating least squares (Hu, Koren, Volinsky 2008; Rendle et al. 2021):
 * ŷ_ui = p_u·q_i is to be the preference p_ui, 1 for what was observed and 0 for what was not, observed pairs with a weight
 * w_ui from the value of the interaction and all pairs with α₀. With n_u interactions of a user, N items, M users:
 *
 *   Σ_observed w_ui (p_ui − ŷ_ui)² + α₀ Σ_all ŷ_ui² + λ Σ_u (n_u + α₀ N)^ν ‖p_u‖² + λ Σ_i (n_i + α₀ M)^ν ‖q_i‖²
 *
 * `IMPLICIT_OBJECTIVES` has the settings of other forms. Scores are for ranking, most of them between 0 and 1.
 *
 * @example
 * const plays = await Interactions.fromCsv("plays.csv");
 * const model = await new ImplicitALS({ seed: 7 }).fit(plays);
 * model.recommend("alice", { count: 10 });
 */
export class ImplicitALS extends FactorModel {
  protected readonly modelName = "ImplicitALS";
  protected override readonly families = [ALTERNATING_KERNELS];
  readonly options: Readonly<ImplicitALSOptions>;

  /** @throws {TypeError | RangeError} that names the option, the rule and the value. */
  constructor(options: Partial<ImplicitALSOptions> = {}) {
    super();
    this.options = Object.freeze(checked(withDefaults("ImplicitALS", IMPLICIT_ALS_DEFAULTS, options)));
  }

  /**
   * Learns from interactions; the last epoch's factors are kept.
   * @throws {TypeError | RangeError} for bad arguments, before work starts; {RangeError} for a value whose weight would be
   * below `unobservedWeight` where it replaces it; {Error} that names a user or an item whose equations have no solution
   * in single precision; {RangeError} if memory runs out; the signal's reason. The model is then as it was before.
   */
  async fit(train: Interactions, options: ImplicitFitOptions = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["onEpoch", "onHalfStep", "signal"]);
    const counts = await survey(train, options.signal);
    const { epsilon } = this.options;
    const equations = this.#equations(epsilon === "auto" ? typicalStrength(train.matrix.values) : epsilon);
    const parts = { factors: this.options.factors, offset: 0, range: [-Infinity, Infinity] as const };
    await this.learn(train, counts, parts, options.signal, async (context, scores) => {
      await this.#train(context, train, counts, scores, equations, options);
      return { equations };
    });
    return this;
  }

  protected override equationsFrom(parameter: (name: string) => number): RowEquations {
    return this.#equations(parameter("confidence_epsilon"));
  }

  #equations(epsilon: number): ConfidenceEquations {
    const { confidence: kind, alpha, unobservedWeight, observedLoss: observed } = this.options;
    const { regularization, regularizationExponent: exponent, countUnobserved } = this.options;
    return new ConfidenceEquations(
      { kind, alpha, epsilon, unobservedWeight, observed },
      { regularization, exponent, countUnobserved },
    );
  }

  #method(): RowMethod {
    const { solver, steps, blockSize } = this.options;
    if (solver === "conjugateGradient") return conjugateGradient(steps);
    return solver === "subspace" ? subspace(blockSize) : CONFIDENCE_CHOLESKY;
  }

  async #train(
    context: TrainingContext,
    train: Interactions,
    counts: EntryCounts,
    scores: BilinearScores,
    equations: ConfidenceEquations,
    options: ImplicitFitOptions,
  ): Promise<void> {
    const { initialScale, factors, seed, solver } = this.options;
    const { modelName } = this;
    await drawItemFactors(context, scores, counts, { deviation: initialScale / Math.sqrt(factors), seed });
    const { matrix, users, items } = train;
    const plan = { modelName, matrix, counts, ids: { users, items }, equations, method: this.#method() };
    const training = await AlternatingTraining.prepare(context, plan, scores);
    const trainer = solver === "gradientDescent" ? await GradientDescent.prepare(context, training, scores) : training;
    await this.#runEpochs(trainer, training, train.size, options);
  }

  async #runEpochs(
    trainer: Pick<AlternatingTraining, "runEpoch">,
    training: AlternatingTraining,
    size: number,
    { onEpoch, onHalfStep }: ImplicitFitOptions,
  ): Promise<void> {
    const { epochs, tolerance } = this.options;
    let before = Infinity;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const { seconds, jitteredRows } = await trainer.runEpoch(epoch, onHalfStep);
      if (!onEpoch && tolerance === 0) continue;
      const objective = await training.objective();
      const ratingsPerSecond = size / Math.max(seconds, 1e-6); // a clock may be coarse
      onEpoch?.({ epoch, epochs, objective, jitteredRows, seconds, ratingsPerSecond });
      if (tolerance > 0 && before - objective < tolerance * objective) break;
      before = objective;
    }
  }
}
