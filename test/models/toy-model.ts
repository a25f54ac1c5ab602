/** A model that holds something beside its scores, as small as one can be: what it takes to join by `EngineModel`. */

import type { Interactions } from "../../src/data/interactions.js";
import { checkInteger } from "../../src/data/options.js";
import { engine } from "../../src/engine/engine.js";
import type { Variant } from "../../src/engine/kernels.js";
import { Matrix } from "../../src/engine/matrix.js";
import { EngineModel, type FittedScores } from "../../src/models/engine-model.js";
import type { FitOptions, SaveOptions } from "../../src/models/model.js";
import { encodeScores, restoreLink, restoreScores } from "../../src/models/model-parts.js";
import { checkFit } from "../../src/models/options.js";
import type { Growth } from "../../src/models/partial-fit.js";
import { survey } from "../../src/models/survey.js";
import type { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { FoldedRow } from "../../src/ranking/factor-table.js";
import { type Link, logistic } from "../../src/ranking/link.js";
import type { Side } from "../../src/ranking/scores.js";
import type { ModelFile } from "../../src/storage/model-file.js";

/** Beside scores. */
interface Encoder {
  /** items × 2; a user's factors are the sum of the rows of their items. */
  readonly encoder: Matrix;
  readonly rate: number;
  readonly bias: number;
}

/** Where a toy is to fail. */
export type Failure = "fit" | "grow" | undefined;

export class ToyModel extends EngineModel<Encoder> {
  protected readonly modelName = "ToyModel";
  readonly options: Readonly<{ rate: number }>;
  failure: Failure;
  /** Awaited in the middle of a partial fit. */
  pause: () => Promise<unknown> = async () => undefined;

  constructor({ rate = 3 }: { rate?: number } = {}) {
    super();
    this.options = { rate: checkInteger("rate", rate, 1) };
  }

  get link(): Link {
    return this.fitted().scores.link;
  }

  get range(): readonly [lowest: number, highest: number] {
    return this.fitted().scores.range;
  }

  get encoder(): Matrix {
    return this.fitted().encoder;
  }

  async fit(train: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["signal"]);
    const counts = await survey(train, options.signal);
    const { minimum, maximum } = train;
    const parts = { factors: 2, offset: 0.25, range: [minimum, maximum] as const, link: logistic(minimum, maximum) };
    await this.learn(train, counts, parts, options.signal, async (_, scores) => {
      const encoder = encoderOf(scores);
      encoder.values.forEach((_, at, all) => {
        if (at % 4 < 2) all[at] = ((at * 7) % 11) / 100;
      });
      scores.itemFactors.values.set(encoder.values);
      this.#encodeUsers(encoder, train, scores);
      if (this.failure === "fit") throw new Error("no luck");
      return { encoder, rate: this.options.rate, bias: -0.5 };
    });
    return this;
  }

  protected async grow({ state, scores, grown }: Growth<FittedScores & Encoder>): Promise<Encoder> {
    const encoder = encoderOf(scores);
    encoder.values.set(state.encoder.values);
    this.#encodeUsers(encoder, grown, scores);
    await this.pause();
    if (this.failure === "grow") throw new Error("no luck");
    return { encoder, rate: state.rate, bias: state.bias };
  }

  protected encode(state: FittedScores & Encoder, options: SaveOptions) {
    const { encoder, rate, bias } = state;
    const { rows, columns, stride, values } = encoder;
    const own = {
      parameters: { rate },
      matrices: { encoder: { rows, columns, stride, values } },
      vectors: { encoder_bias: Float32Array.of(bias) },
    };
    return encodeScores(this.modelName, this.options, state, options, own);
  }

  protected decode(file: ModelFile, variant: Variant, parts: { users: boolean }) {
    const rest = async (scores: BilinearScores, parameter: (name: string) => number): Promise<Encoder> => {
      const encoder = encoderOf(scores);
      await file.readMatrix("encoder", encoder, encoder.values);
      const [bias] = await file.vector("encoder_bias", 1);
      return { encoder, rate: parameter("rate"), bias: bias! };
    };
    const link = restoreLink(file, (parameter) => logistic(parameter("link_lowest"), parameter("link_highest")));
    return restoreScores(file, engine(), variant, { ...parts, link, rest });
  }

  protected foldRow(_: Side, columns: Uint32Array): FoldedRow {
    return { factors: this.#sum(this.fitted().encoder, columns), bias: 0 };
  }

  #encodeUsers(encoder: Matrix, { matrix }: Pick<Interactions, "matrix">, { userFactors }: BilinearScores): void {
    for (let user = 0; user < userFactors.rows; user++) {
      const columns = matrix.columns.subarray(matrix.offsets[user], matrix.offsets[user + 1]);
      userFactors.values.set(this.#sum(encoder, columns), user * userFactors.stride);
    }
  }

  #sum(encoder: Matrix, columns: Uint32Array): Float32Array {
    const sum = new Float32Array(encoder.stride);
    for (const column of columns) {
      for (const [f, value] of encoder.row(column).entries()) sum[f]! += value;
    }
    return sum;
  }
}

const encoderOf = (scores: BilinearScores): Matrix => {
  const { rows, stride, columns } = scores.itemFactors;
  return new Matrix(engine().arena, scores.allocate(rows * stride * 4), rows, columns, scores);
};
