/**
 * A whole fit of `MatrixFactorization` in plain f64, from its documentation: z = (r − μ)/σ, factors drawn from
 * N(0, initialScale²/factors), passes of the optimiser over the blocks in the order of the grid, and everything put back
 * on the rating scale. Only the order of the ratings is taken from the library.
 */
import type { Interactions } from "../../src/data/interactions.js";
import { philox4x32, RandomPurpose } from "../../src/data/random.js";
import { engine } from "../../src/engine/engine.js";
import { countEntries } from "../../src/engine/entry-counts.js";
import { buildRatingGrid, orderStrata } from "../../src/engine/rating-grid.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import type { MatrixFactorizationOptions } from "../../src/models/matrix-factorization-options.js";
import { normalQuantileTwin } from "./normal.js";
import { dot, TwinAdagrad, TwinAdam, TwinSgd, type TwinSide, type TwinStepper, twinPass } from "./rating-pass.js";

/** Options whose `"auto"`s are decided. */
export type TwinOptions = MatrixFactorizationOptions & { learningRate: number };

export class TwinFit {
  readonly #users: TwinSide;
  readonly #items: TwinSide;
  readonly #offset: number;
  /** After each epoch, on the rating scale: each error taken before its own update. */
  readonly trainRmses: number[] = [];

  private constructor(users: TwinSide, items: TwinSide, offset: number) {
    this.#users = users;
    this.#items = items;
    this.#offset = offset;
  }

  static async fit(train: Interactions, options: TwinOptions): Promise<TwinFit> {
    const values = [...train.matrix.values];
    const offset = options.globalMean ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
    const scale = Math.sqrt(values.reduce((sum, value) => sum + (value - offset) ** 2, 0) / values.length);
    const slice = new TimeSlice();
    const counts = await countEntries(train.matrix, slice);
    const { seed } = options;
    const host = engine();
    const { arena } = host;
    const scope = arena.scope();
    const context = { engine: host, variant: host.variant(false), scope, run: {} };
    const grid = await buildRatingGrid(context, train.matrix, counts, { offset, scale, seed, slice });
    const users = drawSide(counts.rows, RandomPurpose.userFactors, options);
    const items = drawSide(counts.columns, RandomPurpose.itemFactors, options);
    const fit = new TwinFit(users, items, offset);
    const stepper = stepperOf(options);
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const isLinear = options.learningRateSchedule === "linear";
      stepper.learningRate(isLinear ? options.learningRate * (1 - (epoch - 1) / options.epochs) : options.learningRate);
      orderStrata(arena, grid, seed, epoch);
      let loss = 0;
      for (const chunk of arena.uint32(grid.orderPtr, grid.chunks.numChunks)) {
        const own = [...arena.float64(grid.chunks.chunkArgumentsPtr + chunk * 40, 5)];
        const [rowBegin, rowEnd, offsetsPtr, columnsPtr, valuesPtr] = own as [number, number, number, number, number];
        const offsets = arena.uint32(offsetsPtr, rowEnd + 1);
        const size = offsets[rowEnd]!;
        const [columns, ratings] = [arena.uint32(columnsPtr, size), arena.float32(valuesPtr, size)];
        loss += twinPass({ rowBegin, rowEnd, offsets, columns, values: ratings }, users, items, stepper);
      }
      fit.trainRmses.push(scale * Math.sqrt(loss / train.size));
    }
    scope.release();
    for (const side of [users, items]) {
      side.factors = side.factors.map((row) => row.map((x) => x * Math.sqrt(scale)));
      side.biases = side.biases.map((bias) => bias * scale);
    }
    return fit;
  }

  /** The score by index, not clipped. */
  score(user: number, item: number): number {
    const pull = dot(this.#users.factors[user]!, this.#items.factors[item]!);
    return this.#offset + this.#users.biases[user]! + this.#items.biases[item]! + pull;
  }
}

/** Draws a side; a row with n ratings has λ = regularization + damping/n at each of them. */
function drawSide(counts: Uint32Array, purpose: number, options: TwinOptions): TwinSide {
  const { factors, initialScale, seed } = options;
  const words = new Uint32Array(4);
  const draw = (row: number, f: number): number => {
    philox4x32(f >> 2, row, 0, purpose, seed >>> 0, Math.floor(seed / 2 ** 32), words);
    return (initialScale / Math.sqrt(factors)) * normalQuantileTwin((words[f & 3]! + 0.5) / 2 ** 32);
  };
  const rows = [...counts.keys()];
  return {
    factors: rows.map((row) =>
      Float64Array.from({ length: factors }, (_, f) => (counts[row] === 0 ? 0 : draw(row, f))),
    ),
    biases: new Float64Array(counts.length),
    lambdas: rows.map((row) => ({
      factors: options.regularization + options.damping / counts[row]!,
      bias: options.biasRegularization + options.biasDamping / counts[row]!,
    })),
  };
}

function stepperOf({ optimizer, factors, biases }: TwinOptions): TwinStepper & { learningRate(rate: number): void } {
  const stepper =
    optimizer === "sgd"
      ? new TwinSgd(0, 0)
      : optimizer === "adagrad"
        ? new TwinAdagrad(0, 0)
        : new TwinAdam(0, 0, 0.9, 0.999, 1e-8);
  const factorShare = optimizer === "adam" ? 1 / Math.sqrt(factors) : 1;
  return {
    batch: optimizer === "sgd" ? TwinSgd.batch : 1,
    step: (...args) => stepper.step(...args),
    learningRate: (rate) => {
      stepper.rate = rate * factorShare;
      stepper.biasRate = biases ? rate : 0;
    },
  };
}
