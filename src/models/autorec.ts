import type { Interactions } from "../data/interactions.js";
import { AUTOREC_KERNELS } from "../engine/autorec-kernels.js";
import { engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { Variant } from "../engine/kernels.js";
import { type Matrix, strideOf } from "../engine/matrix.js";
import { TimeSlice } from "../engine/time-slice.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { FoldedRow } from "../ranking/factor-table.js";
import { IDENTITY } from "../ranking/link.js";
import { RatingEquations } from "../ranking/row-equations.js";
import { solveRow } from "../ranking/row-solver.js";
import type { Side } from "../ranking/scores.js";
import { LARGEST_VALUE, type ModelFile } from "../storage/model-file.js";
import type { TensorFile } from "../storage/safetensors.js";
import { autorecData } from "./autorec-data.js";
import { Encoder } from "./autorec-encoder.js";
import { decodeAutoRec, encodeAutoRec } from "./autorec-file.js";
import { growAutoRec } from "./autorec-growth.js";
import { AUTOREC_DEFAULTS, type AutoRecOptions, checked } from "./autorec-options.js";
import { type Output, outputOf } from "./autorec-outputs.js";
import { type AutoRecSettings, biasDampingOf, decoderDamping, learningRateOf, settingsOf } from "./autorec-settings.js";
import { type AutoRecParts, type FittedAutoRec, sidesOf } from "./autorec-state.js";
import { AutoRecTraining } from "./autorec-training.js";
import { BestEpoch } from "./best-epoch.js";
import { rejectUnsolvable } from "./bilinear-model.js";
import { descend } from "./descent.js";
import { EngineModel } from "./engine-model.js";
import type { FitOptions, SaveOptions } from "./model.js";
import { checkFit, withDefaults } from "./options.js";
import type { Growth } from "./partial-fit.js";
import { areWithin, type TrainingContext } from "./rating-training.js";
import { pairsOf, scoreRmse } from "./rating-validation.js";
import { spreadOf, survey } from "./survey.js";

/** RMSE, in units of the ratings' spread, that no fit on its way to anything reaches: all zero would have 1. */
const DIVERGED = 10;

/**
 * AutoRec (Sedhain, Menon, Sanner, Xie 2015): an autoencoder with one hidden layer that is given the ratings of an item
 * (or a user), unknown ones zero, and is to give them back, h(r) = f(W g(V r + μ) + b); what it gives for the others are
 * its predictions. It minimises, over observed entries alone,
 *
 *   Σ_Ω (t − h(x))² + Σ_j (λ n_j + δ H/4)(‖w_j‖² + b_j²) + δ ‖v_j‖²     n_j entries of input j, H hidden units
 *
 * x the rating less what `centering` takes off, in units of the ratings' spread; t the same, or the rating mapped to the
 * range of f; w_j, v_j and b_j what is learned of an input: of a user, where items are encoded. Where `centering` takes
 * no biases off, b_j are the biases, and pulled by 5 b_j² ("none": .1 b_j²) instead. Work grows with
 * ratings × hidden units, and nothing of users × items is ever held.
 *
 * With `orientation: "item"` a new item is folded in by a forward pass, and a new user by solving for their output
 * weights exactly, the items' codes as they are; with "user" the other way round. `partialFit` does the same with what it
 * touches; for new inputs the encoder has no weights until the next `fit`. `similarItems` and `similarUsers` compare, by
 * orientation, codes in hidden space (less the code of no ratings) on one side and output weights on the other.
 *
 * @example
 * const ratings = await Interactions.fromCsv("ratings.csv");
 * const model = await new AutoRec({ hidden: 256, seed: 7 }).fit(ratings);
 * model.recommend("alice", { count: 10 });
 */
export class AutoRec extends EngineModel<AutoRecParts> {
  protected readonly modelName = "AutoRec";
  protected override readonly families = [AUTOREC_KERNELS];
  readonly options: Readonly<AutoRecOptions>;

  /** @throws {TypeError | RangeError} that names the option, the rule and the value. */
  constructor(options: Partial<AutoRecOptions> = {}) {
    super();
    this.options = Object.freeze(checked(withDefaults("AutoRec", AUTOREC_DEFAULTS, options)));
  }

  /**
   * What the hidden units make of the ratings of an item (a user, with `orientation: "user"`), less what they make of
   * none, f32[items × hidden]; so 0 where there are none. @throws {Error} before `fit`.
   */
  get codes(): Matrix {
    const { scores } = this.fitted();
    return this.#rowSide === "items" ? scores.itemFactors : scores.userFactors;
  }

  /**
   * How a user (an item, with `orientation: "user"`) weighs the hidden units, f32[users × hidden]: a score is the offset,
   * both biases and code · output weights, and the prediction what `outputActivation` makes of it.
   * @throws {Error} before `fit`.
   */
  get outputWeights(): Matrix {
    const { scores } = this.fitted();
    return this.#rowSide === "items" ? scores.userFactors : scores.itemFactors;
  }

  /**
   * Learns from ratings. Without `validation` the last epoch's weights are kept, with it the best epoch's.
   * @throws {TypeError | RangeError} for bad arguments, before work starts; {Error} if the fit diverges; {RangeError} if
   * memory runs out; the signal's reason. The model is then as it was before.
   */
  async fit(train: Interactions, options: FitOptions = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["validation", "patience", "onEpoch", "signal"]);
    const counts = await survey(train, options.signal);
    const { hidden, centering, clip, outputActivation } = this.options;
    const mean = centering === "none" ? 0 : Math.fround(train.mean);
    const { minimum: lowest, maximum: highest } = train;
    const output = outputOf(outputActivation, { lowest, highest, spread: spreadOf(train, mean) });
    const range = clip ? ([lowest, highest] as const) : ([-Infinity, Infinity] as const);
    const isLinear = output.link === IDENTITY;
    const offset = isLinear ? mean : Math.fround(output.link.inverse(train.mean));
    const parts = { factors: hidden, offset, range, link: output.link };
    await this.learn(train, counts, parts, options.signal, (context, scores) =>
      this.#train(context, { train, counts, mean, output }, scores, options),
    );
    return this;
  }

  get #rowSide(): Side {
    return sidesOf(this.options.orientation).rows;
  }

  protected foldRow(side: Side, columns: Uint32Array, values: Float32Array): FoldedRow {
    const state = this.fitted();
    const { scores, encoder, centering, equations } = state;
    const stride = strideOf(this.options.hidden);
    if (columns.length === 0) return { factors: new Float32Array(stride), bias: 0 };
    const where = side === "users" ? "foldIn" : "foldInItem";
    let folded: FoldedRow | undefined;
    if (side === this.#rowSide) {
      const rowBias = centering.rowBias(columns, values);
      const factors = encoder.encodeRow(columns, centering.inputs(columns, values, rowBias), stride);
      folded = { factors, bias: scores.link === IDENTITY ? rowBias : 0 };
    } else {
      const fixed = scores.table(this.#rowSide);
      const kernels = engine().kernels(scores.variant);
      const solver = { arena: engine().arena, kernels, fixed, offset: scores.offset, equations };
      folded = solveRow(solver, { columns, values });
    }
    const isSound = folded?.factors.every((factor) => Math.abs(factor) <= LARGEST_VALUE); // else scores may be NaN
    return folded && isSound ? folded : rejectUnsolvable(where, columns.length);
  }

  protected grow(growth: Growth<FittedAutoRec>): Promise<AutoRecParts> {
    return growAutoRec(growth, this.options.orientation);
  }

  protected encode(state: FittedAutoRec, options: SaveOptions): TensorFile {
    return encodeAutoRec(this.modelName, this.options, state, options);
  }

  protected decode(file: ModelFile, variant: Variant, parts: { users: boolean }): Promise<FittedAutoRec> {
    const equations = (link: Output["link"]): RatingEquations => this.#equations(link);
    return decodeAutoRec(file, engine(), variant, { ...parts, options: this.options, equations });
  }

  /** What a row of the decoder is pulled by, as in training; its bias as where biases are taken off. */
  #equations(link: Output["link"]): RatingEquations {
    const { regularization: perEntry, hidden } = this.options;
    const damping = decoderDamping(this.options.damping, hidden);
    const biasDamping = biasDampingOf(this.options);
    return new RatingEquations({ perEntry, damping, biasPerEntry: 0, biasDamping, biases: true }, link);
  }

  /** Everything between zero and a finished model. */
  async #train(
    context: TrainingContext,
    { train, counts, mean, output }: Plan,
    scores: BilinearScores,
    options: FitOptions,
  ): Promise<AutoRecParts> {
    const { engine: host, variant } = context;
    const slice = new TimeSlice(options.signal);
    const { rows, inputs } = sidesOf(this.options.orientation);
    const isLinear = output.link === IDENTITY;
    const { centering, rowBias, data } = await autorecData(
      context,
      train,
      counts,
      this.options,
      { mean, output },
      slice,
    );
    const { hidden, activation } = this.options;
    const numInputs = data.byInput.numRows;
    const encoder = new Encoder(host, variant, scores, { numInputs, hidden, activation });
    const size = { numRows: data.rows.length, numEntries: train.size };
    const settings = settingsOf(this.options, size, {
      outputOffset: isLinear ? 0 : scores.offset,
      unit: (centering.scale / output.scale) ** 2,
    });
    const decoder = scores.table(inputs);
    const training = await AutoRecTraining.prepare(context, settings, encoder, data, decoder, slice);
    const base = isLinear ? centering.columnBias : new Float32Array(numInputs);
    if (isLinear) (rows === "items" ? scores.itemBias : scores.userBias).set(rowBias);
    const tables = { codes: scores.table(rows), decoder, base, scale: isLinear ? output.scale : 1 };
    await this.#descend(training, { train, output, settings, scores, encoder, tables, slice }, options);
    for (const part of [scores, encoder]) {
      if (!(await areWithin(context, part, LARGEST_VALUE)))
        this.#rejectDivergence("the weights have run away", settings);
    }
    return { encoder, centering, equations: this.#equations(output.link) };
  }

  async #descend(
    training: AutoRecTraining,
    { train, output, settings, scores, encoder, tables, slice }: Descending,
    options: FitOptions,
  ): Promise<void> {
    const { validation } = options;
    const pairs = validation && pairsOf(validation, train);
    const spread = spreadOf(train, train.mean);
    const best = new BestEpoch(scores, encoder);
    await descend(
      {
        epochs: this.options.epochs,
        size: train.size,
        best,
        learningRate: (epoch) => learningRateOf(settings, epoch),
        train: async (epoch, learningRate) => {
          const trainRmse = output.scale * Math.sqrt((await training.runEpoch(epoch, learningRate)) / train.size);
          if (!(trainRmse < DIVERGED * spread))
            this.#rejectDivergence(`the training RMSE of epoch ${epoch} is ${trainRmse}`, settings);
          return trainRmse;
        },
        validate: async () => {
          if (!pairs) return undefined;
          await training.publish(tables);
          return scoreRmse(scores, pairs, slice);
        },
      },
      options,
    );
    if (!pairs) await training.publish(tables);
  }

  #rejectDivergence(what: string, { learningRate }: AutoRecSettings): never {
    throw new Error(
      `AutoRec diverged: ${what}; lower learningRate, now ${learningRate}, or raise regularization, ` +
        `now ${this.options.regularization}`,
    );
  }
}

/** What is to be learned. */
interface Plan {
  readonly train: Interactions;
  readonly counts: EntryCounts;
  /** What centring takes off every rating. */
  readonly mean: number;
  readonly output: Output;
}

interface Descending extends Pick<Plan, "train" | "output"> {
  readonly scores: BilinearScores;
  readonly settings: AutoRecSettings;
  readonly encoder: Encoder;
  readonly tables: Parameters<AutoRecTraining["publish"]>[0];
  readonly slice: TimeSlice;
}
