import type { Matrix } from "../engine/matrix.js";
import { BilinearModel } from "./bilinear-model.js";

/** A model whose factors can be read. */
export abstract class FactorModel extends BilinearModel {
  /** P, users × factors, in the engine's memory. @throws {Error} before `fit`. */
  get userFactors(): Matrix {
    return this.fitted().scores.userFactors;
  }

  /** Q, items × factors, in the engine's memory. @throws {Error} before `fit`. */
  get itemFactors(): Matrix {
    return this.fitted().scores.itemFactors;
  }
}

/** A model of ratings whose factors and biases can be read. */
export abstract class RatingFactorModel extends FactorModel {
  /** b_u, Float32Array[users]: a view for use now, stale once memory has grown. @throws {Error} before `fit`. */
  get userBias(): Float32Array {
    return this.fitted().scores.userBias;
  }

  /** b_i, Float32Array[items]: a view for use now, stale once memory has grown. @throws {Error} before `fit`. */
  get itemBias(): Float32Array {
    return this.fitted().scores.itemBias;
  }

  /** μ, the score of a pair of which nothing is known; 0 without `globalMean`. @throws {Error} before `fit`. */
  get offset(): number {
    return this.fitted().scores.offset;
  }
}
