import { RandomPurpose } from "../data/random.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Scope } from "../engine/arena.js";
import { ranges, sumResults } from "../engine/chunks.js";
import { DESCENT_KERNELS } from "../engine/descent-kernels.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { Matrix } from "../engine/matrix.js";
import { buildRatingGrid, orderStrata, type RatingGrid } from "../engine/rating-grid.js";
import { type JobContext, runRanges, simpleJob } from "../engine/run-ranges.js";
import { TimeSlice } from "../engine/time-slice.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { Optimizer } from "./optimizers.js";

/** Floats that one chunk draws or scales: about a millisecond. */
const FLOATS_PER_CHUNK = 32768;

/** Room for the largest parameter block of an optimiser. */
const PARAMETER_BYTES = 64;

/** What a training has at hand. */
export interface TrainingContext extends JobContext {
  /** Borrows what training needs and the model does not keep. */
  readonly scope: Scope;
}

/** How a side's factors are drawn. */
export interface Draw {
  readonly deviation: number;
  readonly seed: number;
}

/** Draws both sides' factors from N(0, deviation²), but for rows without ratings: theirs are zero and stay so. */
export async function drawFactors(
  context: TrainingContext,
  scores: BilinearScores,
  counts: EntryCounts,
  draw: Draw,
): Promise<void> {
  await drawSide(context, scores.userFactors, counts.rows, RandomPurpose.userFactors, draw);
  await drawItemFactors(context, scores, counts, draw);
}

/** Draws the items' factors alone, likewise. */
export async function drawItemFactors(
  context: TrainingContext,
  scores: BilinearScores,
  counts: EntryCounts,
  draw: Draw,
): Promise<void> {
  await drawSide(context, scores.itemFactors, counts.columns, RandomPurpose.itemFactors, draw);
}

async function drawSide(
  context: TrainingContext,
  factors: Matrix,
  counts: Uint32Array,
  purpose: number,
  { deviation, seed }: Draw,
): Promise<void> {
  const { ptr, rows, columns, stride } = factors;
  const chunks = ranges(rows, Math.ceil(FLOATS_PER_CHUNK / Math.max(1, stride)));
  const seedWords = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  await runRanges(context, "fillNormalRows", chunks, [ptr, columns, stride, deviation, ...seedWords, purpose]);
  const { values } = factors;
  for (let row = 0; row < rows; row++) {
    if (counts[row] === 0) values.fill(0, row * stride, (row + 1) * stride);
  }
}

/** Multiplies both sides' factors by √scale and the biases by `scale`, so that scores are multiplied by `scale`. */
export async function scaleScores(context: TrainingContext, scores: BilinearScores, scale: number): Promise<void> {
  const { userFactors, itemFactors, userBiasPtr, itemBiasPtr } = scores;
  const root = Math.sqrt(scale);
  const tables = [
    [userFactors.rows * userFactors.stride, userFactors.ptr, root],
    [itemFactors.rows * itemFactors.stride, itemFactors.ptr, root],
    [userFactors.rows, userBiasPtr, scale],
    [itemFactors.rows, itemBiasPtr, scale],
  ] as const;
  const chunks = tables.flatMap(([floats, ptr, factor]) =>
    ranges(floats, FLOATS_PER_CHUNK).map(([begin, end]) => [begin, end, ptr, factor]),
  );
  await runRanges(context, "scaleValues", chunks, []);
}

/** Whether every float that training has written is within ± limit, and so a number. */
export async function areWithin(
  context: TrainingContext,
  { ptr, bytes }: { readonly ptr: number; readonly bytes: Uint8Array },
  limit: number,
): Promise<boolean> {
  const chunks = ranges(bytes.length / 4, FLOATS_PER_CHUNK);
  return (await runRanges(context, "countBeyond", chunks, [ptr, limit])) === 0;
}

/** How hard rows are pulled to zero; a row with n ratings has λ = perRating + damping / n at each of them. */
export interface Regularization {
  perRating: number;
  damping: number;
  biasPerRating: number;
  biasDamping: number;
}

/** What is learned from. */
export interface TrainingRatings {
  matrix: SparseMatrix;
  counts: EntryCounts;
}

/** What a training is of, beside the ratings. */
export interface TrainingSettings {
  optimizer: Optimizer;
  /** A rating r is learned as (r − offset) / scale. */
  offset: number;
  scale: number;
  seed: number;
  biases: boolean;
  regularization: Regularization;
}

/** Passes of one optimiser over the blocked ratings. */
export class RatingTraining {
  readonly #context: TrainingContext;
  readonly #settings: TrainingSettings;
  readonly #scores: BilinearScores;
  readonly #grid: RatingGrid;
  readonly #parametersPtr: number;
  readonly #sharedArguments: number[];

  private constructor(
    context: TrainingContext,
    settings: TrainingSettings,
    counts: EntryCounts,
    scores: BilinearScores,
    grid: RatingGrid,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#scores = scores;
    this.#grid = grid;
    this.#parametersPtr = context.scope.allocate(PARAMETER_BYTES);
    const userSide = this.#writeSide(scores.userFactors, scores.userBiasPtr, counts.rows);
    const itemSide = this.#writeSide(scores.itemFactors, scores.itemBiasPtr, counts.columns);
    this.#sharedArguments = [userSide, itemSide, scores.userFactors.stride, this.#parametersPtr];
  }

  /** Cuts the ratings into blocks. */
  static async prepare(
    context: TrainingContext,
    settings: TrainingSettings,
    { matrix, counts }: TrainingRatings,
    scores: BilinearScores,
  ): Promise<RatingTraining> {
    const slice = new TimeSlice(context.run.signal);
    const grid = await buildRatingGrid(context, matrix, counts, { ...settings, slice });
    return new RatingTraining(context, settings, counts, scores, grid);
  }

  /** One epoch, from 1. Returns Σ e² over the ratings as learned, each error taken before its own update. */
  async runEpoch(epoch: number, learningRate: number): Promise<number> {
    const { engine, run } = this.#context;
    const { optimizer, biases, seed } = this.#settings;
    const parameters = optimizer.parameters(learningRate, biases ? learningRate : 0, this.#scores.userFactors.columns);
    engine.arena.float32(this.#parametersPtr, parameters.length).set(parameters);
    orderStrata(engine.arena, this.#grid, seed, epoch);
    const { chunks, orderPtr, side, lanes } = this.#grid;
    const context = { ...this.#context, family: DESCENT_KERNELS };
    const job = simpleJob(context, optimizer.kernel, chunks, this.#sharedArguments);
    await engine.run({ ...job, orderPtr, chunksPerPhase: side, lanes }, run);
    return sumResults(engine.arena, chunks);
  }

  /** Writes one side's descriptor (assembly/linalg/side.ts) and the tables that only training needs. */
  #writeSide(factors: Matrix, biasPtr: number, counts: Uint32Array): number {
    const { engine, scope } = this.#context;
    const { optimizer, regularization } = this.#settings;
    const { rows, stride } = factors;
    const lambdasPtr = scope.allocate(rows * 8);
    const lambdas = engine.arena.float32(lambdasPtr, rows * 2);
    for (let row = 0; row < rows; row++) {
      const count = Math.max(1, counts[row]!);
      lambdas[2 * row] = regularization.perRating + regularization.damping / count;
      lambdas[2 * row + 1] = regularization.biasPerRating + regularization.biasDamping / count;
    }
    const stateFloats = optimizer.stateFloats(stride);
    const statePtr = stateFloats === 0 ? 0 : scope.allocate(rows * stateFloats * 4);
    optimizer.writeStates(engine.arena.float32(statePtr, rows * stateFloats), stride);
    const sidePtr = scope.allocate(16);
    engine.arena.uint32(sidePtr, 4).set([factors.ptr, biasPtr, lambdasPtr, statePtr]);
    return sidePtr;
  }
}
