import { RandomPurpose } from "../data/random.js";
import type { Scope } from "../engine/arena.js";
import { DESCENT_KERNELS } from "../engine/descent-kernels.js";
import { strideOf } from "../engine/matrix.js";
import { availableThreads } from "../engine/pool.js";
import { cutBandBytes, gridSide } from "../engine/rating-grid.js";
import { type JobContext, rangeResults } from "../engine/run-ranges.js";
import type { Optimizer } from "./optimizers.js";

/** Ratings from which on a warm-up costs less than it saves. */
const RATINGS_WORTH_WARMING = 200_000;

/** A block of this many rows and columns, nearly each pair rated, is the exercise. */
const ROWS = 32;
const RATINGS = ROWS * ROWS;
/** Of every remainder by four: kernels have loops of their own for what whole fours leave of a row. */
const lengthOf = (row: number): number => ROWS - (row % 4);
/** Calls of a kernel: enough for an engine to notice, few enough to be over while the ratings are looked over. */
const CALLS = Array.from({ length: 32 }, (): [rowBegin: number, rowEnd: number] => [0, ROWS]);

const warm = new Set<string>();

/** What is going to be trained. */
export interface Exercise {
  readonly optimizer: Optimizer;
  readonly factors: number;
  readonly numUsers: number;
  /** Ratings. */
  readonly size: number;
}

/**
 * Starts the threads of a fit and runs its kernels over made-up blocks, so that the engine's optimising compiler has them
 * ready when the real work starts: a function begins in a baseline compiler, four to six times slower, and all threads
 * share what replaces it. Once in a process for each optimiser; what is computed is thrown away. Does nothing where there
 * is little to come.
 */
export async function warmUp(context: JobContext, exercise: Exercise): Promise<void> {
  const { engine, variant, run } = context;
  const { optimizer, numUsers, size } = exercise;
  if (size < RATINGS_WORTH_WARMING) return;
  await engine.pool.prepare(Math.min(run.threads || availableThreads(), gridSide(numUsers, size)));
  const key = `${optimizer.kernel} ${variant}`;
  if (warm.has(key)) return;
  const scope = engine.arena.scope();
  try {
    await runKernels({ ...context, run: { threads: 1, signal: run.signal } }, scope, exercise);
    warm.add(key);
  } finally {
    scope.release();
  }
}

/** All numbers are zero, so nothing moves. */
async function runKernels(context: JobContext, scope: Scope, { optimizer, factors }: Exercise): Promise<void> {
  const { arena } = context.engine;
  const stride = strideOf(factors);
  const [factorsPtr, biasPtr, lambdasPtr] = [ROWS * stride, ROWS, 2 * ROWS].map((floats) => scope.allocate(floats * 4));
  await rangeResults(context, "fillNormalRows", CALLS, [factorsPtr!, factors, stride, 0, 0, 0, RandomPurpose.shuffle]);
  const offsetsPtr = scope.allocate((ROWS + 1) * 4);
  const offsets = arena.uint32(offsetsPtr, ROWS + 1);
  for (let row = 0; row < ROWS; row++) offsets[row + 1] = offsets[row]! + lengthOf(row);
  const [columnsPtr, valuesPtr] = [scope.allocate(RATINGS * 4), scope.allocate(RATINGS * 4)];
  arena.uint32(columnsPtr, RATINGS).set(Uint32Array.from({ length: RATINGS }, (_, at) => at % ROWS));
  const descent = { ...context, family: DESCENT_KERNELS };
  const [blockOffsetsPtr, panelOfPtr] = [scope.allocate((ROWS + 1) * 4), scope.allocate(ROWS)];
  const matrix = [offsetsPtr, columnsPtr, valuesPtr, panelOfPtr];
  const terms = [1, 0, 1, 0, 0, RandomPurpose.shuffle];
  const bands = CALLS.map((rows) => [...rows, blockOffsetsPtr]);
  await rangeResults(descent, "cutBand", bands, [...matrix, ...terms], cutBandBytes(1, RATINGS));
  const stateFloats = Math.max(4, optimizer.stateFloats(stride));
  const statePtr = scope.allocate(ROWS * stateFloats * 4);
  arena.float32(statePtr, ROWS * stateFloats).fill(1);
  const sidePtr = scope.allocate(16);
  arena.uint32(sidePtr, 4).set([factorsPtr!, biasPtr!, lambdasPtr!, statePtr]);
  const blocks = CALLS.map((rows) => [...rows, offsetsPtr, columnsPtr, valuesPtr]);
  await rangeResults(descent, optimizer.kernel, blocks, [sidePtr, sidePtr, stride, scope.allocate(64)]);
}
